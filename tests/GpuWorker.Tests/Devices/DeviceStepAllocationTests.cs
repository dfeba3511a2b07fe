using Winnow.GpuWorker.Devices;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.GpuWorker.Tests.Devices;

/// <summary>
/// A decode step on a device, from the upload of its rows to the walk over what was drawn there, allocates its answer and nothing else on the thread that runs it. Lists of a
/// sequence's tokens double as it grows; the steps measured lie between.
/// </summary>
public sealed class DeviceStepAllocationTests
{
    private const int Warm = 22;
    private const int Steps = 20;
    private const int Attempts = 8;

    public static TheoryData<string, SamplingParameters, int> Ways => new()
    {
        { "Q8_0", new SamplingParameters { Temperature = 0.8f, Seed = 5 }, 2 },
        { "Q8_0", new SamplingParameters { Temperature = 0.8f, Seed = 5, TopK = 20, FrequencyPenalty = 0.3f }, 1 },
        { "Q4_K", new SamplingParameters { Seed = 5, TopP = 0.9f, BannedTokens = [3], LogitBias = new Dictionary<int, float> { [4] = 1 } }, 1 },
        { "F16", new SamplingParameters { Seed = 5, TopP = 0.9f, MinP = 0.01f, RepetitionPenalty = 1.2f }, 3 },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public void Execute_AfterWarmUp_AllocatesItsResult(string subject, SamplingParameters sampling, int sequences)
    {
        using DeviceCatalog catalog = new();
        using DeviceBackend backend = new(catalog, catalog.Resolve(new DeviceChoice(DeviceKind.IlgpuCpu)));
        using LawModel model = new(subject);
        using ShardEngine sut = new(model.Load(backend).Shard);
        DecodeSteps decode = new(sut, sequences);
        StepBatch[] steps = decode.Make(Warm + Steps + 1, sampling);
        decode.Run(steps.AsSpan(0, Warm + 1));

        // Methods that are not yet compiled for speed box now and then: the least of some attempts is the step's own.
        long least = Enumerable.Range(0, Attempts).Min(_ => Measure(() => decode.Run(steps.AsSpan(Warm + 1))));

        Assert.Equal(Measure(() => decode.AllocateAnswers(Steps)), least);
    }

    private static long Measure(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
