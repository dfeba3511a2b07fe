using Winnow.Inference.Cache;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;
using Xunit;

namespace Winnow.Tests.Common;

/// <summary>
/// Steps that open sequences and then decode a token of each, for tests that count what a step allocates. Lists of a sequence's tokens double as it grows: measure between.
/// </summary>
/// <param name="engine">Runs them; owned by the caller.</param>
/// <param name="sequences">Sequences.</param>
public sealed class DecodeSteps(ShardEngine engine, int sequences)
{
    private const int Prompt = 16;
    private long _step;

    /// <summary>So many steps: the first opens the sequences and runs their prompts.</summary>
    public StepBatch[] Make(int count, SamplingParameters sampling) => [.. Enumerable.Range(0, count).Select(step => StepOf(step, sampling))];

    /// <summary>Runs steps; none of them may fail.</summary>
    public void Run(ReadOnlySpan<StepBatch> steps)
    {
        foreach (StepBatch step in steps)
        {
            step.Step = _step++;
            Assert.Null(engine.Execute(step, [], CancellationToken.None).Error);
        }
    }

    /// <summary>Allocates what the answers to decode steps are made of: one object for the step, a list of its sequences, and for each of these an object and its tokens.</summary>
    public void AllocateAnswers(int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            StepResult result = new();
            for (int i = 0; i < sequences; i++)
            {
                result.Sequences.Add(new SequenceResult { Slot = i, Tokens = new int[1] });
            }
        }
    }

    private StepBatch StepOf(int step, SamplingParameters sampling)
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
