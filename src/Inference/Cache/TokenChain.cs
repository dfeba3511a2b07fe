namespace Winnow.Inference.Cache;

/// <summary>Tokens of a sequence with the <see cref="PrefixHash"/> of every prefix, so that any length can be checked.</summary>
internal sealed class TokenChain
{
    private int[] _tokens = [];
    private ulong[] _hashes = [PrefixHash.Empty];

    /// <summary>Tokens held.</summary>
    public int Length { get; private set; }

    /// <summary>The tokens, from position 0; valid until the next change.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Length);

    /// <summary>Hash of the first <paramref name="length"/> tokens, 0 to <see cref="Length"/>.</summary>
    public ulong HashAt(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Length, nameof(length));
        return _hashes[length];
    }

    /// <summary>Adds a token.</summary>
    public void Append(int token)
    {
        if (Length == _tokens.Length)
        {
            int capacity = Math.Max(64, 2 * Length);
            Array.Resize(ref _tokens, capacity);
            Array.Resize(ref _hashes, capacity + 1);
        }
        _tokens[Length] = token;
        _hashes[Length + 1] = PrefixHash.Append(_hashes[Length], token);
        Length++;
    }

    /// <summary>Adds tokens.</summary>
    public void Append(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
            Append(token);
        }
    }

    /// <summary>Cuts the chain to its first <paramref name="length"/> tokens; a longer chain is needed.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)Length, nameof(length));
        Length = length;
    }
}
