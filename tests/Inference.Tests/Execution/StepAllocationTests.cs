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
    private const int Prompt = 16;
    private const int Warm = 22;
    private const int Steps = 25;

    private static readonly SamplingParameters Sampling = new() { Temperature = 0.8f, Seed = 5, TopK = 20, FrequencyPenalty = 0.3f };

    private long _step;

    [Theory]
    [InlineData(nameof(GgmlType.Q8_0), 1, 1)]
    [InlineData(nameof(GgmlType.Q4_K), 3, 1)]
    [InlineData(nameof(GgmlType.F16), 2, 4)]
    [InlineData("mixtral", 3, 2)]
    public void Execute_AfterWarmUp_AllocatesItsResultOnTheCallerAndNothingOnOtherThreads(string subject, int threads, int sequences)
    {
        using LawCase law = new(subject);
        using ShardEngine sut = new(law.Load(threads: threads).Shard);
        StepBatch[] steps = [.. Enumerable.Range(0, Warm + Steps + 1).Select(step => StepOf(sut, step, sequences))];
        Run(sut, steps.AsSpan(0, Warm + 1));

        // The test runner has threads of its own, which allocate now and then: the least of some attempts is ours.
        (long Own, long All)[] attempts = [.. Enumerable.Range(0, 8).Select(_ => Measure(() => Run(sut, steps.AsSpan(Warm + 1))))];
        (long own, long all) = (attempts.Min(attempt => attempt.Own), attempts.Min(attempt => attempt.All));
        (long results, _) = Measure(() => Allocate(sequences));

        Assert.Equal((results, results), (own, all));
        Assert.InRange(results, 1, Steps * (256 + (128 * sequences)));
    }

    private static (long Own, long All) Measure(Action action)
    {
        (long own, long all) = (GC.GetAllocatedBytesForCurrentThread(), GC.GetTotalAllocatedBytes(precise: true));
        action();
        return (GC.GetAllocatedBytesForCurrentThread() - own, GC.GetTotalAllocatedBytes(precise: true) - all);
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
    private static StepBatch StepOf(ShardEngine engine, int step, int sequences)
    {
        StepBatch batch = new() { Epoch = 1 };
        for (int slot = 0; slot < sequences; slot++)
        {
            int[] tokens = ShardDriver.Tokens(Prompt + step, seed: slot);
            if (step == 0)
            {
                batch.Opens.Add(new SequenceOpen
                {
                    Slot = slot,
                    Tokens = tokens,
                    PromptTokens = Prompt,
                    CachedTokens = 0,
                    Blocks = ShardDriver.Blocks(engine.Spec, slot * engine.Spec.ContextTokens / engine.Spec.BlockTokens),
                    Sampling = Sampling,
                });
            }
            int known = step == 0 ? Prompt : 1;
            batch.Sequences.Add(Pipeline.Rows(slot, tokens[..^known], tokens[^known..]));
        }
        return batch;
    }
}
