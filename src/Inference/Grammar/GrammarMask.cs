using System.Numerics;

namespace Winnow.Inference.Grammar;

/// <summary>The tokens that may come next, a bit for each. Immutable.</summary>
public sealed class GrammarMask
{
    private const int WordBits = 64;
    private readonly ulong[] _bits;

    /// <summary>Takes over bits.</summary>
    internal GrammarMask(ulong[] bits)
    {
        _bits = bits;
        foreach (ulong word in bits)
        {
            Count += BitOperations.PopCount(word);
        }
    }

    /// <summary>Tokens allowed.</summary>
    public int Count { get; }

    /// <summary>The only token allowed, or -1 when there are more or none.</summary>
    public int Only
    {
        get
        {
            int word = Count == 1 ? Array.FindIndex(_bits, bits => bits != 0) : -1;
            return word < 0 ? -1 : (word * WordBits) + BitOperations.TrailingZeroCount(_bits[word]);
        }
    }

    /// <summary>Whether a token is allowed.</summary>
    /// <param name="token">An id of the vocabulary.</param>
    public bool Allows(int token) => token / WordBits < _bits.Length && ((_bits[token / WordBits] >> (token % WordBits)) & 1) != 0;

    /// <summary>Copies the bits of the first ids, 64 a word; 0 for ids that the mask knows nothing of.</summary>
    internal void CopyTo(Span<ulong> words)
    {
        int known = Math.Min(words.Length, _bits.Length);
        _bits.AsSpan(0, known).CopyTo(words);
        words[known..].Clear();
    }

    /// <summary>Words of bits for so many tokens.</summary>
    internal static int WordsFor(int tokens) => (tokens + WordBits - 1) / WordBits;

    /// <summary>Allows a token, while the bits are being made.</summary>
    internal static void Allow(ulong[] bits, int token) => bits[token / WordBits] |= 1UL << (token % WordBits);

    /// <summary>Gives every token that is not allowed the logit negative infinity.</summary>
    /// <param name="logits">One for every token (V): a model may have more, which are no text, or fewer than its tokeniser.</param>
    internal void Apply(Span<float> logits)
    {
        int words = Math.Min(_bits.Length, WordsFor(logits.Length));
        logits[Math.Min(logits.Length, words * WordBits)..].Fill(float.NegativeInfinity);
        for (int word = 0; word < words; word++)
        {
            Span<float> group = logits[(word * WordBits)..Math.Min(logits.Length, (word + 1) * WordBits)];
            if (_bits[word] == 0)
            {
                group.Fill(float.NegativeInfinity);
                continue;
            }
            for (ulong refused = ~_bits[word]; refused != 0; refused &= refused - 1)
            {
                int token = BitOperations.TrailingZeroCount(refused);
                if (token >= group.Length)
                {
                    break;
                }
                group[token] = float.NegativeInfinity;
            }
        }
    }
}
