using Winnow.Contracts.Grains;

namespace Winnow.Silo.Placement;

/// <summary>Where a model's shards are to go.</summary>
internal sealed record PlacementPlan
{
    /// <summary>Worker and layers of every shard, in pipeline order.</summary>
    public required IReadOnlyList<(WorkerRecord Worker, LayerRange Layers)> Shards { get; init; }

    /// <summary>The draft worker, or <see langword="null"/>.</summary>
    public WorkerRecord? Draft { get; init; }

    /// <summary>Logical KV blocks of every shard.</summary>
    public required int KvBlocks { get; init; }

    /// <summary>KV blocks of the draft model.</summary>
    public int DraftKvBlocks { get; init; }

    /// <summary>Longest sequence in tokens.</summary>
    public required int ContextTokens { get; init; }

    /// <summary>Longest sequence of the draft model in tokens.</summary>
    public int DraftContextTokens { get; init; }

    /// <summary>Scratch rows for tree nodes on every shard.</summary>
    public required int ScratchTokens { get; init; }
}

/// <summary>A plan, or why there is none yet or never will be.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Reason">One line for people when there is no plan.</param>
/// <param name="IsPermanent">Whether other workers than those there are needed, not only more time.</param>
internal readonly record struct PlanOutcome(PlacementPlan? Plan, string Reason, bool IsPermanent)
{
    public static PlanOutcome Of(PlacementPlan plan) => new(plan, "", false);

    public static PlanOutcome Wait(string reason) => new(null, reason, false);

    public static PlanOutcome Never(string reason) => new(null, reason, true);
}

/// <summary>How much a plan may make do with.</summary>
/// <param name="ShareWorkers">Several shards may go to one worker.</param>
/// <param name="SkipDraft">The model may be served without its draft model.</param>
internal readonly record struct PlanLatitude(bool ShareWorkers, bool SkipDraft);
