using System.Buffers;
using Winnow.Inference.Files;

namespace Winnow.Inference.Tokenizers;

/// <summary>
/// The merge rules of byte-pair encoding over interned symbols: a symbol below the vocabulary's size is that token, others are
/// intermediate spellings that have no token.
/// </summary>
internal sealed class BpeMerges
{
    private const string MergesKey = "tokenizer.ggml.merges";
    private const int Dead = -1;

    private readonly Dictionary<ulong, Merge> _merges;

    private BpeMerges(Dictionary<ulong, Merge> merges, List<string> extraSymbols)
    {
        _merges = merges;
        ExtraSymbols = extraSymbols;
    }

    /// <summary>Spellings of the symbols that follow the tokens.</summary>
    public IReadOnlyList<string> ExtraSymbols { get; }

    /// <summary>Reads the rules of a model file, most important first.</summary>
    /// <exception cref="ModelFileException">They are missing, or one is not two spellings with a space between.</exception>
    public static BpeMerges Read(ModelFile file, Vocabulary vocabulary)
    {
        IReadOnlyList<string> lines = file.Metadata.GetStrings(MergesKey);
        Dictionary<ulong, Merge> merges = new(lines.Count);
        Dictionary<string, int> symbols = new(vocabulary.Ids, StringComparer.Ordinal);
        List<string> extra = [];
        for (int rank = 0; rank < lines.Count; rank++)
        {
            string line = lines[rank];
            int space = line.Length > 1 ? line.IndexOf(' ', 1) : -1;
            if (space < 0 || space == line.Length - 1)
            {
                throw new ModelFileException(file.Path, $"metadata '{MergesKey}', element {rank}", line, "two spellings with a space between");
            }
            int left = Intern(line[..space]);
            int right = Intern(line[(space + 1)..]);
            merges.TryAdd(Pair(left, right), new Merge(rank, Intern(string.Concat(line.AsSpan(0, space), line.AsSpan(space + 1)))));
        }
        return new BpeMerges(merges, extra);

        int Intern(string spelling)
        {
            if (!symbols.TryGetValue(spelling, out int symbol))
            {
                symbol = vocabulary.Count + extra.Count;
                symbols.Add(spelling, symbol);
                extra.Add(spelling);
            }
            return symbol;
        }
    }

    /// <summary>
    /// Merges symbols in place: again and again the pair of lowest rank, the leftmost of equals, until no rule applies. O(n log n).
    /// </summary>
    /// <returns>How many symbols are left, at the front of <paramref name="symbols"/>.</returns>
    public int Apply(Span<int> symbols)
    {
        if (symbols.Length < 2)
        {
            return symbols.Length;
        }
        // Every merge removes a symbol and adds at most two candidates to the one per neighbouring pair of the start.
        ulong[] heap = ArrayPool<ulong>.Shared.Rent(3 * symbols.Length);
        int[] links = ArrayPool<int>.Shared.Rent(2 * symbols.Length);
        int left = Apply(symbols, heap, links.AsSpan(0, symbols.Length), links.AsSpan(symbols.Length, symbols.Length));
        ArrayPool<ulong>.Shared.Return(heap);
        ArrayPool<int>.Shared.Return(links);
        return left;
    }

    private int Apply(Span<int> symbols, ulong[] heap, Span<int> previous, Span<int> next)
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
            if (symbols[left] == Dead || right == symbols.Length || !TryFind(symbols[left], symbols[right], out Merge merge) || merge.Rank != rank)
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
        if (TryFind(symbols[left], symbols[right], out Merge merge))
        {
            candidates.Push(merge.Rank, left);
        }
    }

    private bool TryFind(int left, int right, out Merge merge) => _merges.TryGetValue(Pair(left, right), out merge);

    private static int Compact(Span<int> symbols, Span<int> next)
    {
        int count = 0;
        for (int i = 0; i < symbols.Length; i = next[i])
        {
            symbols[count++] = symbols[i];
        }
        return count;
    }

    private static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private readonly record struct Merge(int Rank, int Symbol);
}
