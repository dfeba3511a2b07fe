namespace Winnow.Inference.Cache;

/// <summary>
/// The rolling 64-bit hash of a token prefix that coordinator, shards and draft workers compare before they trust a cached prefix.
/// </summary>
/// <remarks>Each step adds the token and applies the finaliser of MurmurHash3 (fmix64), so that order and position matter.</remarks>
public static class PrefixHash
{
    /// <summary>Hash of the empty prefix.</summary>
    public const ulong Empty = 0x9E3779B97F4A7C15;

    /// <summary>Hash of a prefix with one more token.</summary>
    /// <param name="prefix">Hash of the tokens before.</param>
    /// <param name="token">The next token id.</param>
    public static ulong Append(ulong prefix, int token)
    {
        ulong h = (prefix ^ (uint)token) + 0x9E3779B97F4A7C15;
        h = (h ^ (h >> 33)) * 0xFF51AFD7ED558CCD;
        h = (h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53;
        return h ^ (h >> 33);
    }

    /// <summary>Hash of a prefix followed by several tokens.</summary>
    public static ulong Append(ulong prefix, ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
            prefix = Append(prefix, token);
        }
        return prefix;
    }

    /// <summary>Hash of a whole prefix.</summary>
    public static ulong Of(ReadOnlySpan<int> tokens) => Append(Empty, tokens);
}
