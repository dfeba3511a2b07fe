using Winnow.GpuWorker.Devices;
using Winnow.Inference.Cache;
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
    private const int Prompt = 16;
    private const int Warm = 22;
    private const int Steps = 20;
    private const int Attempts = 8;
    private long _step;

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
        StepBatch[] steps = [.. Enumerable.Range(0, Warm + Steps + 1).Select(step => StepOf(sut, step, sequences, sampling))];
        Run(sut, steps.AsSpan(0, Warm + 1));

        // Methods that are not yet compiled for speed box now and then: the least of some attempts is the step's own.
        long least = Enumerable.Range(0, Attempts).Min(_ => Measure(() => Run(sut, steps.AsSpan(Warm + 1))));

        Assert.Equal(Measure(() => Allocate(sequences)), least);
    }

    private static long Measure(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private void Run(ShardEngine engine, ReadOnlySpan<StepBatch> steps)
    {
        foreach (StepBatch step in steps)
        {
            step.Step = _step++;
            Assert.Null(engine.Execute(step, [], CancellationToken.None).Error);
        }
    }

    // What an answer is made of: one object for the step, a list of its sequences, and for each of these an object and its tokens.
    private static void Allocate(int sequences)
    {
        for (int step = 0; step < Steps; step++)
        {
            StepResult result = new();
            for (int i = 0; i < sequences; i++)
            {
                result.Sequences.Add(new SequenceResult { Slot = i, Tokens = new int[1] });
            }
        }
    }

    // Step 0 opens the sequences and runs their prompts; every later one decodes a token of each.
    private static StepBatch StepOf(ShardEngine engine, int step, int sequences, SamplingParameters sampling)
    {
        StepBatch batch = new() { Epoch = 1 };
        for (int slot = 0; slot < sequences; slot++)
        {
            int[] tokens = ShardDriver.Tokens(Prompt + step, seed: slot);
            int known = step == 0 ? Prompt : 1;
            if (step == 0)
            {
                batch.Opens.Add(new SequenceOpen
                {
                    Slot = slot,
                    Tokens = tokens,
                    PromptTokens = Prompt,
                    CachedTokens = 0,
                    Blocks = ShardDriver.Blocks(engine.Spec, slot * engine.Spec.ContextTokens / engine.Spec.BlockTokens),
                    Sampling = sampling,
                });
            }
            batch.Sequences.Add(new SequenceRows
            {
                Slot = slot,
                BaseLength = tokens.Length - known,
                PrefixHash = PrefixHash.Of(tokens[..^known]),
                Tokens = tokens[^known..],
                KnownCount = known,
                Sample = true,
            });
        }
        return batch;
    }
}
