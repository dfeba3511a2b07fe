using Winnow.Contracts.Grains;
using Winnow.Inference.Cache;
using Winnow.Inference.Graph;
using Winnow.Inference.Planning;

namespace Winnow.Silo.Placement;

/// <summary>
/// Chooses the worker of a draft model: one without shards of the replica, that can only draft, with the most other replicas' work left to others, nearest to the last shard.
/// </summary>
internal static class DraftPlanner
{
    /// <summary>Plans a draft model, or answers <see langword="null"/> when no worker has room for it.</summary>
    /// <param name="model">What is wanted.</param>
    /// <param name="draft">Size of the draft model.</param>
    /// <param name="sizes">Sizes of the target.</param>
    /// <param name="workers">Workers that may be used.</param>
    /// <param name="pipeline">Workers and ranges of the shards, whose memory is taken already where they are not placed yet.</param>
    /// <param name="needs">What the ranges take; <see langword="null"/> when they are placed, and so claimed.</param>
    public static DraftPlan? Plan(
        ModelDefinition model, ModelFootprint draft, PlanSizes sizes, IReadOnlyList<PlanWorker> workers,
        IReadOnlyList<(PlanWorker Worker, LayerRange Layers)> pipeline, ShardNeeds? needs)
    {
        int context = Math.Min(sizes.ContextTokens, draft.Configuration.ContextTokens);
        foreach (PlanWorker worker in workers.Where(w => w.Record.Roles.HasFlag(WorkerRoles.Draft))
            .OrderBy(w => pipeline.Any(shard => shard.Worker.Record.WorkerId == w.Record.WorkerId))
            .ThenBy(w => w.Record.Roles.HasFlag(WorkerRoles.Target))
            .ThenBy(w => pipeline[^1].Worker.SecondsTo(w))
            .ThenByDescending(w => w.Speed)
            .ThenBy(w => w.Record.WorkerId, StringComparer.Ordinal))
        {
            long taken = needs is null ? 0 : pipeline.Where(shard => shard.Worker == worker).Sum(shard => needs.Bytes(shard.Layers, worker, sizes.NeededBlocks));
            if (On(worker, taken, model, draft, context) is { } plan)
            {
                return plan;
            }
        }
        return null;
    }

    /// <summary>Blocks for every sequence's full context, or what the worker has room for; drafting makes do with few.</summary>
    private static DraftPlan? On(PlanWorker worker, long taken, ModelDefinition model, ModelFootprint draft, int context)
    {
        int layers = draft.Configuration.Layers;
        KvPages pages = new(draft, layers, model.KvBlockTokens, worker.KvType);
        long fixedBytes = draft.WeightBytes(0, layers, worker.Devices) + draft.ScratchBytes(hasHead: true);
        // A worker that hosts shards too gives the draft's cache half of what is left.
        long left = (worker.FreeBytes - taken - fixedBytes) / (taken > 0 ? 2 : 1);
        long blocks = Math.Min((long)pages.BlocksOf(context) * model.MaxSequences, Math.Min(pages.BlocksWithin(left), 1 << 24));
        return blocks < 1 ? null : new DraftPlan(worker.Record, (int)blocks, context, fixedBytes + (blocks * pages.BlockBytes));
    }
}
