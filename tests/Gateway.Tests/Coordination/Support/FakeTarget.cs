using Winnow.Inference.Cache;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Tests.Coordination.Support;

/// <summary>
/// A target whose next token is a pure function of the tokens before it and the seed. It keeps slots, block tables and a "KV cache" that holds
/// the hash of the prefix at every row, and fails when a row would read another prefix's keys, or a draft finds no scratch row.
/// </summary>
internal sealed class FakeTarget(int blockCount, int blockTokens, int vocabularySize, int scratchTokens)
{
    private readonly ulong[] _kv = new ulong[blockCount * blockTokens];
    private readonly Dictionary<int, Slot> _slots = [];

    public int OpenSlots => _slots.Count;

    /// <summary>So many of the drafts of its early exit are right; the next one is not.</summary>
    public int ExitRight { get; init; }

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
        KeepPath(rows, slot);
        ulong hash = rows.BaseLength == 0 ? PrefixHash.Empty : _kv[slot.Row(rows.BaseLength - 1, blockTokens)];
        Assert.Equal(rows.PrefixHash, hash);
        int[] exits = Exit(rows, hash, slot.Sampling.Seed);
        rows = exits.Length == 0 ? rows : WithDrafts(rows, exits);
        slot.Begin(rows);
        int tip = rows.KnownCount - 1;
        for (int i = 0; i < rows.Tokens.Length; i++)
        {
            int parent = Parent(rows, i);
            hash = PrefixHash.Append(parent < 0 ? hash : slot.Hashes[parent], rows.Tokens[i]);
            slot.Hashes.Add(hash);
            bool inPage = i < rows.KnownCount || parent == tip;
            tip = inPage && i >= rows.KnownCount ? i : tip;
            slot.Scratch += inPage ? 0 : 1;
            if (inPage)
            {
                _kv[slot.Row(rows.BaseLength + Depth(rows, i), blockTokens)] = hash;
            }
        }
        Assert.True(_slots.Values.Sum(other => other.Scratch) <= scratchTokens, "every draft off the main chain finds a scratch row");
        return rows.Sample ? Verify(rows, slot, exits) : new SequenceResult { Slot = rows.Slot };
    }

    // Accepted drafts of the step before that ran in scratch rows move to their places.
    private void KeepPath(SequenceRows rows, Slot slot)
    {
        for (int i = 0; i < rows.KeepPath.Length; i++)
        {
            _kv[slot.Row(slot.FirstDraft + i, blockTokens)] = slot.Hashes[rows.KeepPath[i]];
        }
    }

    private int[] Exit(SequenceRows rows, ulong hash, ulong seed)
    {
        if (rows.ExitTokens == 0)
        {
            return [];
        }
        Assert.Equal(rows.KnownCount, rows.Tokens.Length);
        hash = PrefixHash.Append(hash, rows.Tokens);
        int[] drafts = new int[Math.Min(rows.ExitTokens, ExitRight + 1)];
        for (int i = 0; i < drafts.Length; i++)
        {
            drafts[i] = (Next(hash, seed, vocabularySize) + (i == ExitRight ? 1 : 0)) % vocabularySize;
            hash = PrefixHash.Append(hash, drafts[i]);
        }
        return drafts;
    }

    private static SequenceRows WithDrafts(SequenceRows rows, int[] drafts) => new()
    {
        Slot = rows.Slot,
        BaseLength = rows.BaseLength,
        PrefixHash = rows.PrefixHash,
        Tokens = [.. rows.Tokens, .. drafts],
        KnownCount = rows.KnownCount,
        Sample = rows.Sample,
    };

    private SequenceResult Verify(SequenceRows rows, Slot slot, int[] exits)
    {
        List<int> tokens = [];
        List<int> path = [];
        int node = rows.KnownCount - 1;
        while (node >= 0)
        {
            int next = Next(slot.Hashes[node], slot.Sampling.Seed, vocabularySize);
            tokens.Add(next);
            node = Enumerable.Range(rows.KnownCount, rows.Tokens.Length - rows.KnownCount)
                .FirstOrDefault(i => Parent(rows, i) == node && rows.Tokens[i] == next, -1);
            path.Add(node);
        }
        TokenLogprobs[] logprobs = slot.Sampling.Logprobs ? [.. tokens.Select(token => new TokenLogprobs(-token, [], []))] : [];
        return new SequenceResult { Slot = rows.Slot, Tokens = [.. tokens], Accepted = path.Count - 1, Path = [.. path.SkipLast(1)], Logprobs = logprobs, ExitDrafts = exits };
    }

    private static int Parent(SequenceRows rows, int index) =>
        index < rows.KnownCount || rows.Parents.Length == 0 ? index - 1 : rows.Parents[index - rows.KnownCount];

    private static int Depth(SequenceRows rows, int index) => index < rows.KnownCount ? index : Depth(rows, Parent(rows, index)) + 1;

    private sealed record Slot(SamplingParameters Sampling, List<int> Blocks)
    {
        /// <summary>Hash of the prefix at every row of the last step.</summary>
        public List<ulong> Hashes { get; } = [];

        /// <summary>Position of that step's first drafts.</summary>
        public int FirstDraft { get; private set; }

        /// <summary>Its rows off the main chain.</summary>
        public int Scratch { get; set; }

        public void Begin(SequenceRows rows)
        {
            Hashes.Clear();
            FirstDraft = rows.BaseLength + rows.KnownCount;
            Scratch = 0;
        }

        public int Row(int position, int blockTokens) => (Blocks[position / blockTokens] * blockTokens) + (position % blockTokens);
    }
}

/// <summary>Names of faults that the fakes report.</summary>
internal static class StepFaults
{
    public const string UnknownSlot = "unknown_slot";
    public const string PrefixMismatch = "prefix_mismatch";
}
