namespace Winnow.Gateway.Coordination;

/// <summary>A published block of the <see cref="PrefixCache"/>.</summary>
/// <param name="hash"><see cref="Inference.Cache.PrefixHash"/> over every token up to the block's end.</param>
/// <param name="block">Block id.</param>
/// <param name="parent">Entry of the block before it.</param>
/// <param name="tokens">The block's own tokens.</param>
internal sealed class PrefixEntry(ulong hash, int block, PrefixEntry? parent, int[] tokens)
{
    /// <summary><see cref="Inference.Cache.PrefixHash"/> over every token up to the block's end.</summary>
    public ulong Hash { get; } = hash;

    /// <summary>Block id.</summary>
    public int Block { get; } = block;

    /// <summary>Entry of the block before it.</summary>
    public PrefixEntry? Parent { get; } = parent;

    /// <summary>The block's own tokens.</summary>
    public int[] Tokens { get; } = tokens;
}
