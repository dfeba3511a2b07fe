using Winnow.Contracts.Grains;

namespace Winnow.Silo.Placement;

/// <summary>Where a model's shards are to go.</summary>
internal sealed record PlacementPlan
{
    /// <summary>What is placed: without the head or early exit that cannot be used.</summary>
    public required ModelDefinition Model { get; init; }

    /// <summary>Worker and layers of every shard, in pipeline order.</summary>
    public required IReadOnlyList<(WorkerRecord Worker, LayerRange Layers)> Shards { get; init; }

    /// <summary>Bytes of every shard.</summary>
    public required IReadOnlyList<long> ShardBytes { get; init; }

    /// <summary>Seconds that the slowest shard needs for a token, by the workers' measured speeds; relative where none was measured.</summary>
    public double SlowestSeconds { get; init; }

    /// <summary>Where the draft model is to go, or <see langword="null"/>.</summary>
    public DraftPlan? Draft { get; init; }

    /// <summary>Logical KV blocks of every shard.</summary>
    public required int KvBlocks { get; init; }

    /// <summary>Longest sequence in tokens.</summary>
    public required int ContextTokens { get; init; }

    /// <summary>Scratch rows for tree nodes on every shard.</summary>
    public required int ScratchTokens { get; init; }

    /// <summary>What the plan does without, and why; empty when it does without nothing.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What the shards take of their workers' memory, an array.</summary>
    public IReadOnlyList<MemoryClaim> Claims(string replica) =>
        Shards.Zip(ShardBytes, (shard, bytes) => new MemoryClaim { WorkerId = shard.Worker.WorkerId, Replica = replica, Bytes = bytes }).ToArray();
}

/// <summary>Where a draft model is to go.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="KvBlocks">KV blocks.</param>
/// <param name="ContextTokens">Longest sequence in tokens.</param>
/// <param name="Bytes">Weights, KV cache and scratch.</param>
internal sealed record DraftPlan(WorkerRecord Worker, int KvBlocks, int ContextTokens, long Bytes);

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
