using Winnow.Inference.Cache;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Planning;

/// <summary>KV pages of some layers of a model: how many blocks tokens take, and how many a budget holds.</summary>
/// <param name="Model">The model.</param>
/// <param name="Layers">Layers whose keys and values a page holds.</param>
/// <param name="BlockTokens">Tokens per block.</param>
/// <param name="Type">Stored form.</param>
public readonly record struct KvPages(ModelFootprint Model, int Layers, int BlockTokens, KvType Type)
{
    /// <summary>Bytes of a block.</summary>
    public long BlockBytes => Model.KvBytes(Layers, BlockTokens, Type);

    /// <summary>Blocks that a sequence of so many tokens takes.</summary>
    public int BlocksOf(int tokens) => (int)(((long)tokens + BlockTokens - 1) / BlockTokens);

    /// <summary>Bytes of a sequence of so many tokens, in whole blocks; at most <see cref="long.MaxValue"/>.</summary>
    public long SequenceBytes(int tokens) => Model.KvBytes(Layers, (long)BlocksOf(tokens) * BlockTokens, Type);

    /// <summary>Blocks that fit into so many bytes; 0 for none and less.</summary>
    public long BlocksWithin(long bytes) => Math.Max(0, bytes) / Math.Max(1, BlockBytes);
}
