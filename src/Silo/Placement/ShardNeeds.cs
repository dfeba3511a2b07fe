using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Drafting.Heads;
using Winnow.Inference.Graph;

namespace Winnow.Silo.Placement;

/// <summary>What a layer range takes of a worker: memory, and bytes to read for every token.</summary>
/// <param name="target">The model.</param>
/// <param name="head">Its trained head, on the last shard; <see langword="null"/> for none.</param>
/// <param name="exit">Its early exit, on the first shard; <see langword="null"/> for none.</param>
/// <param name="blockTokens">Tokens of a KV block.</param>
/// <param name="scratchTokens">KV rows for tree nodes.</param>
internal sealed class ShardNeeds(ModelFootprint target, HeadConfiguration? head, ExitModel? exit, int blockTokens, int scratchTokens)
{
    /// <summary>Layers of the model.</summary>
    public int Layers => target.Configuration.Layers;

    /// <summary>Bytes that do not depend on the number of KV blocks: weights, scratch rows and activations.</summary>
    public long FixedBytes(LayerRange range, PlanWorker worker) =>
        target.WeightBytes(range.First, range.Last, worker.Devices)
        + target.KvBytes(range.Count, scratchTokens, worker.KvType)
        + target.ScratchBytes(range.Last == Layers)
        + (HeadOf(range)?.WeightBytes ?? 0)
        + (ExitOf(range) is { } early ? early.WeightBytes + early.KvBytes(scratchTokens, worker.KvType) + early.ScratchBytes : 0);

    /// <summary>Bytes of one KV block.</summary>
    public long BlockBytes(LayerRange range, PlanWorker worker) =>
        target.KvBytes(range.Count, blockTokens, worker.KvType)
        + (HeadOf(range)?.KvBytes(blockTokens) ?? 0)
        + (ExitOf(range)?.KvBytes(blockTokens, worker.KvType) ?? 0);

    /// <summary>Weight bytes that every token reads: the embedding is only looked up, the head is read whole.</summary>
    public long ReadBytes(LayerRange range)
    {
        bool isWholeTied = target.Configuration.TiedEmbeddings && range.Count == Layers;
        return target.WeightBytes(range.First, range.Last) - (range.First == 0 && !isWholeTied ? target.EmbeddingBytes : 0);
    }

    /// <summary>The sum of <see cref="FixedBytes"/> and so many blocks; at most <see cref="long.MaxValue"/>.</summary>
    public long Bytes(LayerRange range, PlanWorker worker, long blocks)
    {
        Int128 bytes = FixedBytes(range, worker) + ((Int128)BlockBytes(range, worker) * blocks);
        return bytes > long.MaxValue ? long.MaxValue : (long)bytes;
    }

    private HeadConfiguration? HeadOf(LayerRange range) => range.Last == Layers ? head : null;

    private ExitModel? ExitOf(LayerRange range) => range.First == 0 ? exit : null;
}
