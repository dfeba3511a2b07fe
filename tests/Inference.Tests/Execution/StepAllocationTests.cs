using Winnow.Inference.Execution;
using Winnow.Inference.Files;
using Winnow.Inference.Sampling;
using Winnow.Inference.Tests.Cpu;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Execution;

/// <summary>Tests that measure the whole process: no other test runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}

/// <summary>
/// A decode step, forward pass, logits, sampling and verification, allocates its answer and nothing else. Lists of a sequence's tokens double as it
/// grows; the steps measured lie between.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class StepAllocationTests
{
    private const int Warm = 22;
    private const int Steps = 25;

    private static readonly SamplingParameters Sampling = new() { Temperature = 0.8f, Seed = 5, TopK = 20, FrequencyPenalty = 0.3f };

    [Theory]
    [InlineData(nameof(GgmlType.Q8_0), 1, 1)]
    [InlineData(nameof(GgmlType.Q4_K), 3, 1)]
    [InlineData(nameof(GgmlType.F16), 2, 4)]
    [InlineData("mixtral", 3, 2)]
    public void Execute_AfterWarmUp_AllocatesItsResultOnTheCallerAndNothingOnOtherThreads(string subject, int threads, int sequences)
    {
        using LawCase law = new(subject);
        using ShardEngine sut = new(law.Load(threads: threads).Shard);
        DecodeSteps decode = new(sut, sequences);
        StepBatch[] steps = decode.Make(Warm + Steps + 1, Sampling);
        decode.Run(steps.AsSpan(0, Warm + 1));

        // The test runner has threads of its own, which allocate now and then: the least of some attempts is ours.
        (long Own, long All)[] attempts = [.. Enumerable.Range(0, 8).Select(_ => Measure(() => decode.Run(steps.AsSpan(Warm + 1))))];
        (long own, long all) = (attempts.Min(attempt => attempt.Own), attempts.Min(attempt => attempt.All));
        (long results, _) = Measure(() => decode.AllocateAnswers(Steps));

        Assert.Equal((results, results), (own, all));
        Assert.InRange(results, 1, Steps * (256 + (128 * sequences)));
    }

    private static (long Own, long All) Measure(Action action)
    {
        (long own, long all) = (GC.GetAllocatedBytesForCurrentThread(), GC.GetTotalAllocatedBytes(precise: true));
        action();
        return (GC.GetAllocatedBytesForCurrentThread() - own, GC.GetTotalAllocatedBytes(precise: true) - all);
    }
}
