using System.Globalization;
using Winnow.Contracts.Grains;
using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Drafting.Heads;
using Winnow.Inference.Graph;
using Winnow.Inference.Planning;

namespace Winnow.Silo.Placement;

/// <summary>
/// Chooses workers, layer ranges and KV sizes of a replica. Pure: the same workers give the same plan.
/// </summary>
/// <remarks>
/// A range costs the weight bytes that a token reads over the worker's speed; a worker's free memory bounds it. KV blocks are sized for
/// <see cref="ModelDefinition.MaxSequences"/> full contexts, or as many as the tightest worker holds. <see cref="PipelineSearch"/> chooses among the
/// <see cref="PipelineSearch.MostWorkers"/> most suitable workers; of a longer pipeline the most suitable workers take part in their order.
/// </remarks>
internal static class PlacementPlanner
{
    /// <summary>Plans a replica on the workers that are there.</summary>
    /// <param name="model">What is wanted.</param>
    /// <param name="target">Size of the target.</param>
    /// <param name="draft">Size of the draft model, or <see langword="null"/>.</param>
    /// <param name="head">Size of the target's trained head, or <see langword="null"/>.</param>
    /// <param name="exit">Size of the target's early exit, or <see langword="null"/>.</param>
    /// <param name="workers">Workers that may be used.</param>
    /// <param name="latitude">What the plan may make do with.</param>
    /// <param name="own">The replica, whose own claims count as free memory; empty when they do not.</param>
    public static PlanOutcome Plan(
        ModelDefinition model, ModelFootprint target, ModelFootprint? draft, HeadConfiguration? head, ExitModel? exit, IReadOnlyList<WorkerRecord> workers,
        PlanLatitude latitude, string own = "")
    {
        if (Contradiction(model, target) is { } contradiction)
        {
            return PlanOutcome.Never(contradiction);
        }
        IReadOnlyList<PlanWorker> seen = PlanWorker.Of(workers, own);
        List<PlanWorker> able = Candidates(model, seen, draft is not null);
        if (able.Count == 0 || (able.Count < model.Shards && !latitude.ShareWorkers))
        {
            return PlanOutcome.Wait($"Model '{model.Name}' needs {model.Shards} target workers; {able.Count} are there.");
        }
        if (draft is not null && !latitude.SkipDraft && !workers.Any(w => w.Roles.HasFlag(WorkerRoles.Draft)))
        {
            return PlanOutcome.Wait($"Model '{model.Name}' needs a draft worker; none is there.");
        }
        PlanSizes sizes = PlanSizes.Of(model, target);
        ShardNeeds needs = new(target, head, exit, model.KvBlockTokens, sizes.ScratchTokens);
        if (Search(able, model.Shards, needs, sizes.NeededBlocks) is not { } pipeline)
        {
            return PlanOutcome.Never(Shortage.Describe(model, target, needs, sizes, able));
        }
        if (Misfit(head, exit, pipeline, model) is { } misfit)
        {
            return Without(misfit, Plan(model with { HeadPath = null, ExitPath = null }, target, draft, null, null, workers, latitude, own));
        }
        DraftPlan? drafter = draft is null ? null : DraftPlanner.Plan(model, draft, sizes, seen, pipeline, needs);
        return PlanOutcome.Of(Finish(model, sizes, needs, pipeline) with { Draft = drafter });
    }

    /// <summary>
    /// The shards of a placement as they are, with other workers for those that are not there any more; <see langword="null"/> when none fits.
    /// </summary>
    /// <param name="before">The placement; its model is what is wanted still.</param>
    /// <param name="target">Size of the target.</param>
    /// <param name="head">Size of the target's trained head, or <see langword="null"/>.</param>
    /// <param name="exit">Size of the target's early exit, or <see langword="null"/>.</param>
    /// <param name="workers">Workers that may be used.</param>
    /// <param name="own">The replica, whose own claims count as free memory.</param>
    public static PlacementPlan? Repair(
        ReplicaPlacement before, ModelFootprint target, HeadConfiguration? head, ExitModel? exit, IReadOnlyList<WorkerRecord> workers, string own)
    {
        ShardNeeds needs = new(target, head, exit, before.Model.KvBlockTokens, before.ScratchTokens);
        List<PlanWorker> spares = [.. Candidates(before.Model, PlanWorker.Of(workers, own), hasDraft: true)];
        var shards = new List<(PlanWorker Worker, LayerRange Layers)>();
        foreach (ShardPlacement shard in before.Shards)
        {
            LayerRange range = new(shard.FirstLayer, shard.LastLayer);
            PlanWorker? found = spares.Find(w => w.Record.WorkerId == shard.WorkerId && w.Record.Instance == shard.Instance)
                ?? spares.Where(w => before.Shards.All(s => s.WorkerId != w.Record.WorkerId) && shards.All(s => s.Worker != w))
                    .FirstOrDefault(w => needs.Bytes(range, w, before.KvBlocks) <= w.FreeBytes);
            if (found is null)
            {
                return null;
            }
            shards.Add((found, range));
        }
        PlanSizes sizes = new(before.ContextTokens, before.ScratchTokens, before.KvBlocks, before.KvBlocks);
        return Finish(before.Model, sizes, needs, shards);
    }

    /// <summary>Seconds that the slowest worker of a pipeline needs for a token.</summary>
    public static double SlowestSeconds(ShardNeeds needs, IReadOnlyList<(PlanWorker Worker, LayerRange Layers)> shards) =>
        shards.GroupBy(shard => shard.Worker).Max(worker => worker.Sum(shard => needs.ReadBytes(shard.Layers)) / worker.Key.Speed);

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

    /// <summary>
    /// Workers for shards, the most suitable first: those that can only host targets, then the faster, then the larger. Where the draft model would find
    /// nobody else, the least suitable of those that can host it is left to it.
    /// </summary>
    private static List<PlanWorker> Candidates(ModelDefinition model, IReadOnlyList<PlanWorker> workers, bool hasDraft)
    {
        List<PlanWorker> able =
        [
            .. workers.Where(w => w.Record.Roles.HasFlag(WorkerRoles.Target))
                .OrderBy(w => w.Record.Roles.HasFlag(WorkerRoles.Draft))
                .ThenByDescending(w => w.Speed)
                .ThenByDescending(w => w.FreeBytes)
                .ThenBy(w => w.Record.WorkerId, StringComparer.Ordinal),
        ];
        bool isReserved = hasDraft && able.Count > model.Shards && able[^1].Record.Roles.HasFlag(WorkerRoles.Draft)
            && !workers.Any(w => w.Record.Roles == WorkerRoles.Draft);
        return isReserved ? able[..^1] : able;
    }

    private static List<(PlanWorker Worker, LayerRange Layers)>? Search(List<PlanWorker> able, int shards, ShardNeeds needs, long blocks)
    {
        int hosts = Math.Min(shards, able.Count);
        double Cost(PlanWorker worker, LayerRange range) =>
            needs.Bytes(range, worker, blocks) > worker.FreeBytes ? double.PositiveInfinity : needs.ReadBytes(range) / worker.Speed;
        IReadOnlyList<(int Worker, LayerRange Layers)>? found = hosts > PipelineSearch.MostWorkers
            ? LayerSplit.Cut(needs.Layers, hosts, (shard, range) => Cost(able[shard], range))?.Select((range, shard) => (shard, range)).ToArray()
            : new PipelineSearch(needs.Layers, hosts, Math.Min(able.Count, PipelineSearch.MostWorkers),
                (worker, range) => Cost(able[worker], range), (a, b) => able[a].SecondsTo(able[b])).Find();
        return found is null ? null : Divide([.. found.Select(shard => (able[shard.Worker], shard.Layers))], shards);
    }

    /// <summary>Where workers are fewer than shards, halves the longest ranges: neighbours on one worker, whose hidden states stay there.</summary>
    private static List<(PlanWorker Worker, LayerRange Layers)> Divide(List<(PlanWorker Worker, LayerRange Layers)> pipeline, int shards)
    {
        while (pipeline.Count < shards)
        {
            int longest = Enumerable.Range(0, pipeline.Count).MaxBy(i => (pipeline[i].Layers.Count, -i));
            (PlanWorker worker, LayerRange layers) = pipeline[longest];
            int middle = layers.First + ((layers.Count + 1) / 2);
            pipeline[longest] = (worker, new LayerRange(layers.First, middle));
            pipeline.Insert(longest + 1, (worker, new LayerRange(middle, layers.Last)));
        }
        return pipeline;
    }

    private static string? Misfit(HeadConfiguration? head, ExitModel? exit, List<(PlanWorker Worker, LayerRange Layers)> pipeline, ModelDefinition model)
    {
        if (head is not null && pipeline[^1].Layers.First > head.Layers[0])
        {
            return $"Without its head, which reads hidden states after '{head.Layers[0]}' layers: the last of {model.Shards} shards "
                + $"begins at layer {pipeline[^1].Layers.First}; use fewer shards for it.";
        }
        return exit is not null && pipeline[0].Layers.Last < exit.Layers
            ? $"Without its early exit after '{exit.Layers}' layers: the first of {model.Shards} shards ends at layer {pipeline[0].Layers.Last}; "
                + "use fewer shards for it."
            : null;
    }

    private static PlanOutcome Without(string note, PlanOutcome outcome) => outcome.Plan is { } plan
        ? PlanOutcome.Of(plan with { Notes = [.. plan.Notes, note] })
        : outcome;

    private static PlacementPlan Finish(
        ModelDefinition model, PlanSizes sizes, ShardNeeds needs, IReadOnlyList<(PlanWorker Worker, LayerRange Layers)> shards)
    {
        long fits = shards.GroupBy(shard => shard.Worker).Min(worker => Math.Max(0, worker.Key.FreeBytes - worker.Sum(s => needs.FixedBytes(s.Layers, s.Worker)))
            / Math.Max(1, worker.Sum(s => needs.BlockBytes(s.Layers, s.Worker))));
        int blocks = (int)Math.Max(1, Math.Min(sizes.WantedBlocks, fits));
        return new PlacementPlan
        {
            Model = model,
            Shards = [.. shards.Select(shard => (shard.Worker.Record, shard.Layers))],
            ShardBytes = [.. shards.Select(shard => needs.Bytes(shard.Layers, shard.Worker, blocks))],
            SlowestSeconds = SlowestSeconds(needs, shards),
            KvBlocks = blocks,
            ContextTokens = sizes.ContextTokens,
            ScratchTokens = sizes.ScratchTokens,
        };
    }
}

/// <summary>Sizes that follow from a definition.</summary>
/// <param name="ContextTokens">Longest sequence in tokens.</param>
/// <param name="ScratchTokens">Scratch rows for tree nodes.</param>
/// <param name="WantedBlocks">KV blocks for every sequence's full context, or those asked for.</param>
/// <param name="NeededBlocks">KV blocks for one full context, or those asked for.</param>
internal readonly record struct PlanSizes(int ContextTokens, int ScratchTokens, int WantedBlocks, int NeededBlocks)
{
    private const int MostBlocks = 1 << 24;

    /// <summary>The sizes of a definition.</summary>
    public static PlanSizes Of(ModelDefinition model, ModelFootprint target)
    {
        int context = model.ContextTokens > 0 ? model.ContextTokens : target.Configuration.ContextTokens;
        int contextBlocks = (int)(((long)context + model.KvBlockTokens - 1) / model.KvBlockTokens);
        return new PlanSizes(
            context,
            MemoryPlanner.ScratchRowsPerSequence * model.MaxSequences,
            model.KvBlocks > 0 ? model.KvBlocks : (int)Math.Min((long)contextBlocks * model.MaxSequences, MostBlocks),
            model.KvBlocks > 0 ? model.KvBlocks : contextBlocks);
    }
}
