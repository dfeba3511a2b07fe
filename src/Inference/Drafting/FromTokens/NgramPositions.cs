using Winnow.Inference.Cache;

namespace Winnow.Inference.Drafting.FromTokens;

/// <summary>Where each n-gram of a text was last followed by a token. The text itself is the caller's.</summary>
/// <remarks>Open addressing with linear probing, at most half full; 8 to 16 bytes an n-gram.</remarks>
internal sealed class NgramPositions(int order)
{
    private const int SmallestTable = 64;

    // Position after the n-gram, which is never 0.
    private int[] _slots = new int[SmallestTable];

    /// <summary>Distinct n-grams held.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_slots);
        Count = 0;
    }

    /// <summary>The n-gram before <paramref name="position"/> is followed by the token at it.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="position">At least the order.</param>
    public void Put(ReadOnlySpan<int> tokens, int position)
    {
        if (2 * (Count + 1) > _slots.Length)
        {
            Grow(tokens);
        }
        int slot = Find(_slots, tokens, tokens.Slice(position - order, order));
        Count += _slots[slot] == 0 ? 1 : 0;
        _slots[slot] = position;
    }

    /// <summary>The latest place before its end where the text's last n-gram stands with a token after it; 0 when there is none.</summary>
    public int Last(ReadOnlySpan<int> tokens) => tokens.Length < order ? 0 : _slots[Find(_slots, tokens, tokens[^order..])];

    private void Grow(ReadOnlySpan<int> tokens)
    {
        var larger = new int[2 * _slots.Length];
        foreach (int position in _slots)
        {
            if (position > 0)
            {
                larger[Find(larger, tokens, tokens.Slice(position - order, order))] = position;
            }
        }
        _slots = larger;
    }

    private int Find(int[] slots, ReadOnlySpan<int> tokens, ReadOnlySpan<int> ngram)
    {
        int mask = slots.Length - 1;
        int slot = (int)(PrefixHash.Of(ngram) >> 20) & mask;
        while (slots[slot] != 0 && !tokens.Slice(slots[slot] - order, order).SequenceEqual(ngram))
        {
            slot = (slot + 1) & mask;
        }
        return slot;
    }
}
