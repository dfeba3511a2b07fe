using System.Globalization;
using Winnow.Contracts.Grains;
using Winnow.Inference.Cache;
using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Drafting.Heads;
using Winnow.Inference.Graph;
using Winnow.Inference.Planning;

namespace Winnow.Silo.Placement;

/// <summary>
/// Chooses workers, layer ranges and KV sizes of a model. Pure: the same workers give the same plan.
/// </summary>
/// <remarks>
/// A range costs the weight bytes that a token reads (the embedding is only looked up), a worker's memory bounds it. Workers count as
/// equally fast. KV blocks are sized for <see cref="ModelDefinition.MaxSequences"/> full contexts, or as many as the tightest worker holds.
/// </remarks>
internal static class PlacementPlanner
{
    /// <summary>Plans a model on the workers that are there.</summary>
    /// <param name="model">What is wanted.</param>
    /// <param name="target">Size of the target.</param>
    /// <param name="draft">Size of the draft model, or <see langword="null"/>.</param>
    /// <param name="head">Size of the target's trained head, or <see langword="null"/>.</param>
    /// <param name="exit">Size of the target's early exit, or <see langword="null"/>.</param>
    /// <param name="workers">Workers that may be used.</param>
    /// <param name="latitude">What the plan may make do with.</param>
    public static PlanOutcome Plan(
        ModelDefinition model, ModelFootprint target, ModelFootprint? draft, HeadConfiguration? head, ExitModel? exit, IReadOnlyList<WorkerRecord> workers,
        PlanLatitude latitude)
    {
        if (Contradiction(model, target) is { } contradiction)
        {
            return PlanOutcome.Never(contradiction);
        }
        List<WorkerRecord> hosts = Choose(model.Shards, workers, latitude);
        if (hosts.Count < model.Shards)
        {
            int there = workers.Count(w => w.Roles.HasFlag(WorkerRoles.Target));
            return PlanOutcome.Wait($"Model '{model.Name}' needs {model.Shards} target workers; {there} are there.");
        }
        WorkerRecord? drafter = draft is null ? null : ChooseDraft(workers, hosts);
        if (draft is not null && drafter is null && !latitude.SkipDraft)
        {
            return PlanOutcome.Wait($"Model '{model.Name}' needs a draft worker; none is there.");
        }
        return Size(model, target, draft, head, exit, hosts, drafter);
    }

    private static string? Contradiction(ModelDefinition model, ModelFootprint target)
    {
        if (model.Shards > target.Configuration.Layers)
        {
            return $"Model '{model.Name}' cannot be cut into '{model.Shards}' shards; it has {target.Configuration.Layers} layers.";
        }
        return model.ContextTokens > target.Configuration.ContextTokens
            ? $"Model '{model.Name}' has a context of {target.Configuration.ContextTokens} tokens; ContextTokens '{model.ContextTokens}' is more."
            : null;
    }

    /// <summary>A worker for every shard: those that can only host targets first, then the larger ones; again from the first when they are shared.</summary>
    private static List<WorkerRecord> Choose(int shards, IReadOnlyList<WorkerRecord> workers, PlanLatitude latitude)
    {
        List<WorkerRecord> able =
        [
            .. workers.Where(w => w.Roles.HasFlag(WorkerRoles.Target))
                .OrderBy(w => w.Roles.HasFlag(WorkerRoles.Draft))
                .ThenByDescending(w => w.MemoryBytes)
                .ThenBy(w => w.WorkerId, StringComparer.Ordinal),
        ];
        if (able.Count >= shards || !latitude.ShareWorkers || able.Count == 0)
        {
            return able.Count > shards ? able[..shards] : able;
        }
        // Neighbouring shards on one worker: hidden states then stay on its machine.
        return [.. Enumerable.Range(0, shards).Select(i => able[i * able.Count / shards])];
    }

    private static WorkerRecord? ChooseDraft(IReadOnlyList<WorkerRecord> workers, List<WorkerRecord> hosts) =>
        workers.Where(w => w.Roles.HasFlag(WorkerRoles.Draft))
            .OrderBy(w => hosts.Any(h => h.WorkerId == w.WorkerId))
            .ThenBy(w => w.Roles.HasFlag(WorkerRoles.Target))
            .ThenBy(w => w.WorkerId, StringComparer.Ordinal)
            .FirstOrDefault();

    private static PlanOutcome Size(
        ModelDefinition model, ModelFootprint target, ModelFootprint? draft, HeadConfiguration? head, ExitModel? exit, List<WorkerRecord> hosts, WorkerRecord? drafter)
    {
        int context = model.ContextTokens > 0 ? model.ContextTokens : target.Configuration.ContextTokens;
        int scratch = MemoryPlanner.ScratchRowsPerSequence * model.MaxSequences;
        int contextBlocks = Pages(target, target.Configuration.Layers, model.KvBlockTokens, hosts[0]).BlocksOf(context);
        int wanted = model.KvBlocks > 0 ? model.KvBlocks : (int)Math.Min((long)contextBlocks * model.MaxSequences, 1 << 24);
        Room room = new(target, head, exit, hosts, model.KvBlockTokens, scratch);
        IReadOnlyList<LayerRange>? cut = LayerSplit.Cut(target.Configuration.Layers, model.Shards, room.Cost);
        if (cut is null)
        {
            return PlanOutcome.Never(TooLarge(model, target, hosts));
        }
        if (head is not null && cut[^1].First > head.Layers[0])
        {
            return PlanOutcome.Never($"Model '{model.Name}' has a head that reads hidden states after '{head.Layers[0]}' layers, but the last of its {model.Shards} shards "
                + $"begins at layer {cut[^1].First}; use fewer shards, or no head.");
        }
        if (exit is not null && cut[0].Last < exit.Layers)
        {
            return PlanOutcome.Never($"Model '{model.Name}' has an early exit after '{exit.Layers}' layers, but the first of its {model.Shards} shards "
                + $"ends at layer {cut[0].Last}; use fewer shards, or no early exit.");
        }
        long fits = room.BlocksThatFit(cut);
        long needed = model.KvBlocks > 0 ? model.KvBlocks : contextBlocks;
        if (fits < needed)
        {
            return PlanOutcome.Never(string.Create(CultureInfo.InvariantCulture,
                $"Model '{model.Name}' leaves room for '{fits}' KV blocks beside its weights; {needed} are needed "
                + $"({context} tokens of context in blocks of {model.KvBlockTokens}); lower ContextTokens or KvBlocks, use more shards, or larger workers."));
        }
        int draftContext = draft is null ? 0 : Math.Min(context, draft.Configuration.ContextTokens);
        return PlanOutcome.Of(new PlacementPlan
        {
            Shards = [.. hosts.Zip(cut)],
            Draft = drafter,
            KvBlocks = (int)Math.Min(wanted, fits),
            DraftKvBlocks = draft is null || drafter is null ? 0 : DraftBlocks(model, draft, drafter, draftContext, hosts),
            ContextTokens = context,
            DraftContextTokens = draftContext,
            ScratchTokens = scratch,
        });
    }

    /// <summary>Blocks for every sequence's full context, or what the draft worker has room for; drafting makes do with few.</summary>
    private static int DraftBlocks(ModelDefinition model, ModelFootprint draft, WorkerRecord drafter, int context, List<WorkerRecord> hosts)
    {
        int layers = draft.Configuration.Layers;
        KvPages pages = Pages(draft, layers, model.KvBlockTokens, drafter);
        long wanted = (long)pages.BlocksOf(context) * model.MaxSequences;
        long memory = drafter.MemoryBytes / (hosts.Any(h => h.WorkerId == drafter.WorkerId) ? 2 : 1);
        long fits = pages.BlocksWithin(memory - draft.WeightBytes(0, layers) - draft.ScratchBytes(hasHead: true));
        return (int)Math.Clamp(Math.Min(wanted, fits), 1, 1 << 24);
    }

    private static KvPages Pages(ModelFootprint model, int layers, int blockTokens, WorkerRecord host) =>
        new(model, layers, blockTokens, KvTypeOf(host));

    private static KvType KvTypeOf(WorkerRecord host) => KvTypes.TryParse(host.KvType, out KvType type) ? type : KvType.F16;

    private static string TooLarge(ModelDefinition model, ModelFootprint target, List<WorkerRecord> hosts)
    {
        long memory = hosts.DistinctBy(h => h.WorkerId).Sum(h => h.MemoryBytes);
        long weights = target.WeightBytes(0, target.Configuration.Layers);
        return string.Create(CultureInfo.InvariantCulture,
            $"Model '{model.Name}' with '{weights}' bytes of weights does not fit its {model.Shards} shards on workers with {memory} bytes together; "
            + $"use more shards or larger workers.");
    }

    /// <summary>What the chosen workers have room for.</summary>
    private sealed class Room(ModelFootprint target, HeadConfiguration? head, ExitModel? exit, List<WorkerRecord> hosts, int blockTokens, int scratchTokens)
    {
        public double Cost(int shard, LayerRange range)
        {
            long free = ShareOf(shard) - FixedBytes(shard, range) - Pages(target, range.Count, blockTokens, hosts[shard]).BlockBytes;
            bool first = range.First == 0;
            long read = target.WeightBytes(range.First, range.Last) - (first && !IsWholeTied(range) ? target.EmbeddingBytes : 0);
            return free < 0 ? double.PositiveInfinity : read;
        }

        public long BlocksThatFit(IReadOnlyList<LayerRange> cut)
        {
            long blocks = long.MaxValue;
            for (int shard = 0; shard < cut.Count; shard++)
            {
                long blockBytes = Pages(target, cut[shard].Count, blockTokens, hosts[shard]).BlockBytes + (HeadOf(cut[shard])?.KvBytes(blockTokens) ?? 0)
                    + (ExitOf(cut[shard])?.KvBytes(blockTokens, KvTypeOf(hosts[shard])) ?? 0);
                blocks = Math.Min(blocks, Math.Max(0, ShareOf(shard) - FixedBytes(shard, cut[shard])) / Math.Max(1, blockBytes));
            }
            return blocks;
        }

        /// <summary>A worker's memory, divided by the shards it hosts.</summary>
        private long ShareOf(int shard) => hosts[shard].MemoryBytes / hosts.Count(h => h.WorkerId == hosts[shard].WorkerId);

        private long FixedBytes(int shard, LayerRange range) =>
            target.WeightBytes(range.First, range.Last)
            + target.KvBytes(range.Count, scratchTokens, KvTypeOf(hosts[shard]))
            + target.ScratchBytes(range.Last == target.Configuration.Layers)
            + (HeadOf(range)?.WeightBytes ?? 0)
            + (ExitOf(range) is { } early ? early.WeightBytes + early.KvBytes(scratchTokens, KvTypeOf(hosts[shard])) + early.ScratchBytes : 0);

        private HeadConfiguration? HeadOf(LayerRange range) => range.Last == target.Configuration.Layers ? head : null;

        private ExitModel? ExitOf(LayerRange range) => range.First == 0 ? exit : null;

        /// <summary>A whole tied model reads its one matrix as head, so nothing is to be taken off.</summary>
        private bool IsWholeTied(LayerRange range) => target.Configuration.TiedEmbeddings && range.Last == target.Configuration.Layers;
    }
}
