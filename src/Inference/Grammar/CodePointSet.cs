using System.Text;

namespace Winnow.Inference.Grammar;

/// <summary>A set of Unicode scalar values, as ranges in order that do not touch. Surrogates are never in it.</summary>
internal sealed class CodePointSet
{
    private const int Last = 0x10FFFF;
    private readonly List<(int First, int Last)> _ranges = [];

    /// <summary>The set of some ranges, in any order.</summary>
    public CodePointSet(params ReadOnlySpan<(int First, int Last)> ranges)
    {
        foreach ((int first, int last) in ranges)
        {
            Add(first, last);
        }
    }

    /// <summary>Its ranges, ascending.</summary>
    public IReadOnlyList<(int First, int Last)> Ranges => _ranges;

    /// <summary>Adds a range, without the surrogates in it.</summary>
    public void Add(int first, int last)
    {
        if (first < 0xD800 && last > 0xDFFF)
        {
            Insert(first, 0xD7FF);
            Insert(0xE000, last);
            return;
        }
        first = first is >= 0xD800 and <= 0xDFFF ? 0xE000 : first;
        last = last is >= 0xD800 and <= 0xDFFF ? 0xD7FF : last;
        if (first <= last)
        {
            Insert(first, last);
        }
    }

    /// <summary>Adds the members of another set.</summary>
    public void Add(CodePointSet other)
    {
        foreach ((int first, int last) in other._ranges)
        {
            Add(first, last);
        }
    }

    /// <summary>Every scalar value that is not in the set.</summary>
    public CodePointSet Complement()
    {
        CodePointSet rest = new();
        int next = 0;
        foreach ((int first, int last) in _ranges)
        {
            if (first > next)
            {
                rest.Add(next, first - 1);
            }
            next = last + 1;
        }
        if (next <= Last)
        {
            rest.Add(next, Last);
        }
        return rest;
    }

    /// <summary>The set as sequences of byte ranges that UTF-8 encodes its members by; one to four ranges each.</summary>
    public IEnumerable<(byte First, byte Last)[]> ToUtf8()
    {
        foreach ((int first, int last) in _ranges)
        {
            foreach ((byte, byte)[] sequence in Split(first, last))
            {
                yield return sequence;
            }
        }
    }

    // Cuts a range where the length of the encoding changes, then until all bytes but the first that differs run from end to end.
    private static IEnumerable<(byte First, byte Last)[]> Split(int first, int last)
    {
        Stack<(int First, int Last)> open = new([(first, last)]);
        while (open.TryPop(out (int First, int Last) range))
        {
            int cut = CutOf(range.First, range.Last);
            if (cut >= 0)
            {
                open.Push((cut + 1, range.Last));
                open.Push((range.First, cut));
                continue;
            }
            byte[] low = Encode(range.First);
            byte[] high = Encode(range.Last);
            yield return [.. low.Select((value, i) => (value, high[i]))];
        }
    }

    // The last member of the first part, or -1 when the range is one sequence of byte ranges.
    private static int CutOf(int first, int last)
    {
        foreach (int end in (ReadOnlySpan<int>)[0x7F, 0x7FF, 0xFFFF])
        {
            if (first <= end && last > end)
            {
                return end;
            }
        }
        if (last <= 0x7F)
        {
            return -1;
        }
        for (int bits = 6; bits <= 18; bits += 6)
        {
            int mask = (1 << bits) - 1;
            if ((first & ~mask) != (last & ~mask))
            {
                if ((first & mask) != 0)
                {
                    return first | mask;
                }
                if ((last & mask) != mask)
                {
                    return (last & ~mask) - 1;
                }
            }
        }
        return -1;
    }

    private static byte[] Encode(int codePoint)
    {
        byte[] bytes = new byte[4];
        int count = new Rune(codePoint).EncodeToUtf8(bytes);
        return bytes[..count];
    }

    private void Insert(int first, int last)
    {
        int at = 0;
        while (at < _ranges.Count && _ranges[at].Last < first - 1)
        {
            at++;
        }
        while (at < _ranges.Count && _ranges[at].First <= last + 1)
        {
            first = Math.Min(first, _ranges[at].First);
            last = Math.Max(last, _ranges[at].Last);
            _ranges.RemoveAt(at);
        }
        _ranges.Insert(at, (first, last));
    }
}
