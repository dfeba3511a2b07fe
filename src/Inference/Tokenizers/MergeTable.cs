using System.Buffers;
using System.Numerics;

namespace Winnow.Inference.Tokenizers;

/// <summary>
/// Merge rules over interned symbols: a symbol below the vocabulary's size is that token, others are spellings without a token. Looked
/// up by pair, applied lowest rank first. Immutable and safe for concurrent use.
/// </summary>
internal sealed class MergeTable
{
    private const int Dead = -1;
    private const int NoRank = int.MaxValue;
    private const int ShortLength = 24;
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    private readonly Entry[] _entries;
    private readonly int _shift;
    private readonly ulong[] _joins;

    /// <summary>A table of rules; of two rules for a pair the first holds.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="extraSymbols">Spellings of the symbols that follow the tokens.</param>
    public MergeTable(IReadOnlyCollection<MergeRule> rules, IReadOnlyList<string> extraSymbols)
    {
        ExtraSymbols = extraSymbols;
        int bits = Math.Max(6, BitOperations.Log2((uint)rules.Count) + 2);
        _entries = new Entry[1 << bits];
        _joins = new ulong[1 << (bits - 6)];
        _shift = 64 - bits;
        foreach (MergeRule rule in rules)
        {
            Add(rule);
        }
    }

    /// <summary>Spellings of the symbols that follow the tokens.</summary>
    public IReadOnlyList<string> ExtraSymbols { get; }

    /// <summary>
    /// Merges symbols in place: again and again the pair of lowest rank, the leftmost of equals, until no rule applies. O(n log n).
    /// </summary>
    /// <param name="symbols">Symbols of a text, one a character or byte; below -1 for what no rule knows.</param>
    /// <returns>How many symbols are left, at the front of <paramref name="symbols"/>.</returns>
    public int Apply(Span<int> symbols)
    {
        // No rule reaches across two neighbours that no rule joins, so what is between such places is merged on its own.
        int count = 0;
        for (int start = 0; start < symbols.Length;)
        {
            int end = start + 1;
            while (end < symbols.Length && MayJoin(symbols[end - 1], symbols[end]))
            {
                end++;
            }
            Span<int> part = symbols[start..end];
            int left = part.Length switch
            {
                1 => 1,
                <= ShortLength => ApplyShort(part),
                _ => ApplyLong(part),
            };
            part[..left].CopyTo(symbols[count..]);
            count += left;
            start = end;
        }
        return count;
    }

    private int ApplyShort(Span<int> symbols)
    {
        Span<int> ranks = stackalloc int[ShortLength];
        int count = symbols.Length;
        for (int i = 0; i + 1 < count; i++)
        {
            ranks[i] = Rank(symbols[i], symbols[i + 1]);
        }
        while (count > 1)
        {
            int best = 0;
            for (int i = 1; i + 1 < count; i++)
            {
                best = ranks[i] < ranks[best] ? i : best;
            }
            if (ranks[best] == NoRank)
            {
                break;
            }
            TryFind(symbols[best], symbols[best + 1], out Entry merge);
            symbols[best] = merge.Symbol;
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            ranks[(best + 1)..(count - 1)].CopyTo(ranks[best..]);
            count--;
            if (best + 1 < count)
            {
                ranks[best] = Rank(symbols[best], symbols[best + 1]);
            }
            if (best > 0)
            {
                ranks[best - 1] = Rank(symbols[best - 1], symbols[best]);
            }
        }
        return count;
    }

    private int ApplyLong(Span<int> symbols)
    {
        // Every merge removes a symbol and adds at most two candidates to the one per neighbouring pair of the start.
        ulong[] heap = ArrayPool<ulong>.Shared.Rent(3 * symbols.Length);
        int[] links = ArrayPool<int>.Shared.Rent(2 * symbols.Length);
        int left = ApplyLong(symbols, heap, links.AsSpan(0, symbols.Length), links.AsSpan(symbols.Length, symbols.Length));
        ArrayPool<ulong>.Shared.Return(heap);
        ArrayPool<int>.Shared.Return(links);
        return left;
    }

    private int ApplyLong(Span<int> symbols, ulong[] heap, Span<int> previous, Span<int> next)
    {
        MergeHeap candidates = new(heap);
        for (int i = 0; i < symbols.Length; i++)
        {
            previous[i] = i - 1;
            next[i] = i + 1;
        }
        for (int i = 0; i + 1 < symbols.Length; i++)
        {
            Push(ref candidates, symbols, i, i + 1);
        }
        while (candidates.TryPop(out int rank, out int left))
        {
            int right = next[left];
            if (symbols[left] == Dead || right == symbols.Length || !TryFind(symbols[left], symbols[right], out Entry merge) || merge.Rank != rank)
            {
                continue; // a neighbour was merged since this candidate was pushed
            }
            symbols[left] = merge.Symbol;
            symbols[right] = Dead;
            next[left] = next[right];
            if (next[left] < symbols.Length)
            {
                previous[next[left]] = left;
                Push(ref candidates, symbols, left, next[left]);
            }
            if (previous[left] >= 0)
            {
                Push(ref candidates, symbols, previous[left], left);
            }
        }
        return Compact(symbols, next);
    }

    private void Push(ref MergeHeap candidates, Span<int> symbols, int left, int right)
    {
        if (TryFind(symbols[left], symbols[right], out Entry merge))
        {
            candidates.Push(merge.Rank, left);
        }
    }

    private static int Compact(Span<int> symbols, Span<int> next)
    {
        int count = 0;
        for (int i = 0; i < symbols.Length; i = next[i])
        {
            symbols[count++] = symbols[i];
        }
        return count;
    }

    private void Add(MergeRule rule)
    {
        ulong key = Pair(rule.Left, rule.Right);
        int at = Slot(key);
        while (_entries[at].IsUsed)
        {
            if (_entries[at].Pair == key)
            {
                return;
            }
            at = (at + 1) & (_entries.Length - 1);
        }
        _entries[at] = new Entry(key, rule.Rank, rule.Symbol, IsUsed: true);
        int join = Slot(Pair(rule.LeftEnd, rule.RightStart));
        _joins[join >> 6] |= 1UL << join;
    }

    private int Rank(int left, int right) => TryFind(left, right, out Entry merge) ? merge.Rank : NoRank;

    private bool TryFind(int left, int right, out Entry merge)
    {
        ulong key = Pair(left, right);
        for (int at = Slot(key); ; at = (at + 1) & (_entries.Length - 1))
        {
            merge = _entries[at];
            if (!merge.IsUsed)
            {
                return false;
            }
            if (merge.Pair == key)
            {
                return true;
            }
        }
    }

    // True for every pair that a rule joins, and by chance for a few others.
    private bool MayJoin(int left, int right)
    {
        int join = Slot(Pair(left, right));
        return ((_joins[join >> 6] >> join) & 1) != 0;
    }

    private int Slot(ulong key) => (int)((key * Multiplier) >> _shift);

    private static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private readonly record struct Entry(ulong Pair, int Rank, int Symbol, bool IsUsed);
}
