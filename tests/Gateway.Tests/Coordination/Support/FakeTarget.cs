using Winnow.Inference.Cache;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Tests.Coordination.Support;

/// <summary>
/// A target whose next token is a pure function of the tokens before it and the seed. It keeps slots, block tables and a "KV cache" that holds
/// the hash of the prefix at every row, and fails when a row would read another prefix's keys.
/// </summary>
internal sealed class FakeTarget(int blockCount, int blockTokens, int vocabularySize)
{
    private readonly ulong[] _kv = new ulong[blockCount * blockTokens];
    private readonly Dictionary<int, Slot> _slots = [];

    public int OpenSlots => _slots.Count;

    public static int Next(ulong prefix, ulong seed, int vocabularySize) => (int)(PrefixHash.Append(prefix ^ seed, 7) % (ulong)vocabularySize);

    /// <summary>What the target generates after a prompt when asked token by token.</summary>
    public static List<int> Reference(IReadOnlyList<int> prompt, ulong seed, int count, int vocabularySize)
    {
        List<int> tokens = [];
        ulong hash = PrefixHash.Of(prompt.ToArray());
        for (int i = 0; i < count; i++)
        {
            int next = Next(hash, seed, vocabularySize);
            hash = PrefixHash.Append(hash, next);
            tokens.Add(next);
        }
        return tokens;
    }

    public StepResult Run(StepBatch batch)
    {
        var result = new StepResult { Epoch = batch.Epoch, Step = batch.Step };
        foreach (int slot in batch.Closes)
        {
            _slots.Remove(slot);
        }
        foreach (SequenceOpen open in batch.Opens)
        {
            _slots.Add(open.Slot, new Slot(open.Sampling, [.. open.Blocks]));
        }
        foreach (SequenceRows rows in batch.Sequences)
        {
            result.Sequences.Add(_slots.TryGetValue(rows.Slot, out Slot? slot)
                ? Run(rows, slot)
                : new SequenceResult { Slot = rows.Slot, Error = new StepError(StepFaults.UnknownSlot, "not open") });
        }
        return result;
    }

    private SequenceResult Run(SequenceRows rows, Slot slot)
    {
        if (rows.TruncateBlocks > 0)
        {
            slot.Blocks.RemoveRange(rows.TruncateBlocks, slot.Blocks.Count - rows.TruncateBlocks);
        }
        slot.Blocks.AddRange(rows.NewBlocks);
        Assert.Equal(slot.Blocks.Count, slot.Blocks.Distinct().Count());
        ulong hash = rows.BaseLength == 0 ? PrefixHash.Empty : _kv[slot.Row(rows.BaseLength - 1, blockTokens)];
        Assert.Equal(rows.PrefixHash, hash);
        for (int i = 0; i < rows.Tokens.Length; i++)
        {
            hash = PrefixHash.Append(hash, rows.Tokens[i]);
            _kv[slot.Row(rows.BaseLength + i, blockTokens)] = hash;
        }
        if (!rows.Sample)
        {
            return new SequenceResult { Slot = rows.Slot };
        }
        return Verify(rows, slot);
    }

    private SequenceResult Verify(SequenceRows rows, Slot slot)
    {
        List<int> tokens = [];
        int accepted = 0;
        for (int i = rows.KnownCount - 1; ; i++)
        {
            int next = Next(_kv[slot.Row(rows.BaseLength + i, blockTokens)], slot.Sampling.Seed, vocabularySize);
            tokens.Add(next);
            if (i + 1 >= rows.Tokens.Length || rows.Tokens[i + 1] != next)
            {
                break;
            }
            accepted++;
        }
        TokenLogprobs[] logprobs = slot.Sampling.Logprobs ? [.. tokens.Select(token => new TokenLogprobs(-token, [], []))] : [];
        return new SequenceResult { Slot = rows.Slot, Tokens = [.. tokens], Accepted = accepted, Logprobs = logprobs };
    }

    private sealed record Slot(SamplingParameters Sampling, List<int> Blocks)
    {
        public int Row(int position, int blockTokens) => (Blocks[position / blockTokens] * blockTokens) + (position % blockTokens);
    }
}

/// <summary>Names of faults that the fakes report.</summary>
internal static class StepFaults
{
    public const string UnknownSlot = "unknown_slot";
    public const string PrefixMismatch = "prefix_mismatch";
}
