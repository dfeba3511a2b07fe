using Winnow.Inference.Cache;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;

namespace Winnow.Cli.Bench;

/// <summary>Sequences on an engine whose steps the benchmark lays out itself, greedily sampled.</summary>
internal sealed class EngineSequences
{
    /// <summary>Most rows of a step of a prompt.</summary>
    public const int ChunkRows = 512;

    private const int SomeId = 300;
    private readonly ShardEngine _engine;
    private readonly long _epoch;
    private readonly State[] _all;
    private long _step;

    /// <summary>Opens sequences; those of before are closed.</summary>
    /// <param name="engine">The engine, one shard with all layers.</param>
    /// <param name="epoch">Above every one before.</param>
    /// <param name="count">Sequences.</param>
    /// <param name="tokens">Most tokens of each.</param>
    public EngineSequences(ShardEngine engine, long epoch, int count, int tokens)
    {
        _engine = engine;
        _epoch = epoch;
        int blocks = Blocks(tokens, engine.Spec.BlockTokens);
        StepBatch batch = NewStep();
        _all = new State[count];
        for (int i = 0; i < count; i++)
        {
            _all[i] = new State { Next = Id(0) };
            batch.Opens.Add(new SequenceOpen
            {
                Slot = i,
                Tokens = [Id(0)],
                PromptTokens = 1,
                CachedTokens = 0,
                Blocks = [.. Enumerable.Range(i * blocks, blocks)],
                Sampling = SamplingParameters.Greedy,
            });
        }
        Execute(batch);
    }

    /// <summary>Blocks for so many tokens.</summary>
    public static int Blocks(int tokens, int blockTokens) => (tokens + blockTokens - 1) / blockTokens;

    /// <summary>Runs a prompt in every sequence from its beginning, samples a token after it and marks this place for <see cref="Rewind"/>.</summary>
    public void Prefill(int tokens)
    {
        for (int slot = 0; slot < _all.Length; slot++)
        {
            _all[slot].Length = 0;
            _all[slot].Hash = PrefixHash.Empty;
            for (int start = 0; start < tokens; start += ChunkRows)
            {
                int[] chunk = [.. Enumerable.Range(start, Math.Min(ChunkRows, tokens - start)).Select(Id)];
                StepBatch batch = NewStep();
                batch.Sequences.Add(Rows(slot, chunk, chunk.Length, sample: start + chunk.Length == tokens));
                Commit(Execute(batch), batch);
            }
            _all[slot].Mark();
        }
    }

    /// <summary>One token of every sequence.</summary>
    public void Decode()
    {
        StepBatch batch = NewStep();
        for (int slot = 0; slot < _all.Length; slot++)
        {
            batch.Sequences.Add(Rows(slot, [_all[slot].Next], 1, sample: true));
        }
        Commit(Execute(batch), batch);
    }

    /// <summary>Rows of the first sequence's next token and of draft tokens after it, with logits for each; the sequence stays where it was.</summary>
    public void Verify(int rows)
    {
        StepBatch batch = NewStep();
        batch.Sequences.Add(Rows(0, [_all[0].Next, .. Enumerable.Range(1, rows - 1).Select(Id)], 1, sample: true));
        Execute(batch);
    }

    /// <summary>Back to the end of the prompt.</summary>
    public void Rewind() => Array.ForEach(_all, state => state.Rewind());

    private static void ThrowOn(StepError? error)
    {
        if (error is not null)
        {
            throw new InvalidOperationException($"The engine refused a step of the benchmark ({error.Type}): {error.Message}");
        }
    }

    private int Id(int position) => (SomeId + (position * 37 % 499)) % _engine.Spec.VocabularySize;

    private StepBatch NewStep() => new() { Epoch = _epoch, Step = _step++ };

    private SequenceRows Rows(int slot, int[] tokens, int known, bool sample) => new()
    {
        Slot = slot,
        BaseLength = _all[slot].Length,
        PrefixHash = _all[slot].Hash,
        Tokens = tokens,
        KnownCount = known,
        Sample = sample,
    };

    private StepResult Execute(StepBatch batch)
    {
        StepOutcome outcome = _engine.Execute(batch, [], CancellationToken.None);
        ThrowOn(outcome.Error);
        outcome.Result!.Sequences.ForEach(sequence => ThrowOn(sequence.Error));
        return outcome.Result;
    }

    private void Commit(StepResult result, StepBatch batch)
    {
        for (int i = 0; i < batch.Sequences.Count; i++)
        {
            SequenceRows rows = batch.Sequences[i];
            State state = _all[rows.Slot];
            state.Length += rows.KnownCount;
            state.Hash = PrefixHash.Append(state.Hash, rows.Tokens.AsSpan(0, rows.KnownCount));
            state.Next = rows.Sample ? result.Sequences[i].Tokens[^1] : state.Next;
        }
    }

    private sealed class State
    {
        private (int Length, ulong Hash, int Next) _mark;

        public int Length { get; set; }

        public ulong Hash { get; set; } = PrefixHash.Empty;

        public int Next { get; set; }

        public void Mark() => _mark = (Length, Hash, Next);

        public void Rewind() => (Length, Hash, Next) = _mark;
    }
}
