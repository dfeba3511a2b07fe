namespace Winnow.Inference.Cache;

/// <summary>Sizes of a <see cref="KvStore"/>.</summary>
internal sealed record KvShape
{
    /// <summary>Layers of the shard.</summary>
    public required int Layers { get; init; }

    /// <summary>G: KV heads.</summary>
    public required int KvHeads { get; init; }

    /// <summary>D: elements of a head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>S: tokens of a block, a multiple of 16.</summary>
    public required int BlockTokens { get; init; }

    /// <summary>Blocks, scratch not included.</summary>
    public required int BlockCount { get; init; }

    /// <summary>Scratch rows after the blocks.</summary>
    public required int ScratchTokens { get; init; }

    /// <summary>Stored form.</summary>
    public required KvType Type { get; init; }

    /// <summary>Parts of a stored row.</summary>
    public KvLayout Layout => KvLayout.Of(Type, HeadSize);

    /// <summary>D rounded up to whole vectors of 16, or to whole blocks of quantised forms.</summary>
    public int PaddedHeadSize => Layout.Padded;

    /// <summary>Rows of blocks and scratch.</summary>
    public int Rows => (BlockCount * BlockTokens) + ScratchTokens;
}
