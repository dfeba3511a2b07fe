namespace Winnow.Inference.Grammar;

/// <summary>The tokens of a vocabulary by their bytes: nodes in depth-first order, so that a walk is one pass that skips what is refused. Immutable.</summary>
internal sealed class TokenTrie
{
    private readonly byte[] _bytes;
    private readonly byte[] _depths;
    private readonly int[] _ends;
    private readonly int[] _firstToken;
    private readonly int[] _nextToken;

    /// <summary>Longest token in bytes: longer ones are left out, and are never allowed.</summary>
    public const int MostDepth = byte.MaxValue;

    /// <summary>Lays out tokens.</summary>
    /// <param name="tokens">By id, their bytes; empty for those that are no text.</param>
    public TokenTrie(byte[][] tokens)
    {
        int[] ids = [.. Enumerable.Range(0, tokens.Length).Where(id => tokens[id].Length is > 0 and <= MostDepth)];
        Array.Sort(ids, (a, b) =>
        {
            int order = tokens[a].AsSpan().SequenceCompareTo(tokens[b]);
            return order != 0 ? order : a.CompareTo(b);
        });
        List<byte> bytes = [];
        List<byte> depths = [];
        List<int> first = [];
        _nextToken = new int[tokens.Length];
        Array.Fill(_nextToken, -1);
        byte[] before = [];
        int last = -1;
        foreach (int id in ids)
        {
            int shared = before.AsSpan().CommonPrefixLength(tokens[id]);
            if (shared == tokens[id].Length && shared == before.Length)
            {
                _nextToken[last] = id;
            }
            else
            {
                for (int i = shared; i < tokens[id].Length; i++)
                {
                    bytes.Add(tokens[id][i]);
                    depths.Add((byte)i);
                    first.Add(i == tokens[id].Length - 1 ? id : -1);
                }
            }
            (before, last) = (tokens[id], id);
        }
        (_bytes, _depths, _firstToken) = ([.. bytes], [.. depths], [.. first]);
        _ends = Ends(_depths);
        Depth = _depths.Length == 0 ? 0 : _depths.Max() + 1;
    }

    /// <summary>Bytes of the longest token.</summary>
    public int Depth { get; }

    /// <summary>Allows every token whose bytes can be read from a state on.</summary>
    /// <param name="state">The state.</param>
    /// <param name="bits">Gets a bit for every token that can be read.</param>
    /// <exception cref="GrammarException">The walk takes more than is allowed.</exception>
    public void Walk(GrammarState state, ulong[] bits)
    {
        var path = new GrammarState[Depth + 1];
        path[0] = state;
        int budget = TokenGrammar.MostWork;
        for (int node = 0; node < _bytes.Length;)
        {
            int depth = _depths[node];
            GrammarState? next = path[depth].Next(_bytes[node], ref budget);
            if (next is null)
            {
                node = _ends[node];
                continue;
            }
            path[depth + 1] = next;
            for (int token = _firstToken[node]; token >= 0; token = _nextToken[token])
            {
                GrammarMask.Allow(bits, token);
            }
            node++;
        }
    }

    /// <summary>The longest token that a text begins with, or -1; of equal tokens the first.</summary>
    public int LongestPrefix(ReadOnlySpan<byte> text, out int length)
    {
        int token = -1;
        length = 0;
        int depth = 0;
        for (int node = 0; node < _bytes.Length && depth < text.Length && _depths[node] == depth;)
        {
            if (_bytes[node] != text[depth])
            {
                node = _ends[node];
                continue;
            }
            depth++;
            if (_firstToken[node] >= 0)
            {
                (token, length) = (_firstToken[node], depth);
            }
            node++;
        }
        return token;
    }

    // By node, the first that is not below it.
    private static int[] Ends(byte[] depths)
    {
        int[] ends = new int[depths.Length];
        int[] open = new int[MostDepth + 1];
        int depth = 0;
        for (int node = 0; node < depths.Length; node++)
        {
            for (; depth > depths[node]; depth--)
            {
                ends[open[depth - 1]] = node;
            }
            open[depth++] = node;
        }
        for (; depth > 0; depth--)
        {
            ends[open[depth - 1]] = depths.Length;
        }
        return ends;
    }
}
