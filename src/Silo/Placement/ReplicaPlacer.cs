using Orleans;
using Winnow.Contracts.Grains;

namespace Winnow.Silo.Placement;

/// <summary>Carries a plan out through the shard grains.</summary>
/// <param name="grains">The cluster's grains.</param>
internal sealed class ReplicaPlacer(IGrainFactory grains)
{
    /// <summary>Id of a model's replica. One replica per model so far.</summary>
    public static string ReplicaOf(string model) => $"{model}/0";

    /// <summary>Loads every shard and the draft model and answers with where they are.</summary>
    /// <exception cref="PlacementException">A worker refused its shard or is lost; those that were loaded stay for the next attempt.</exception>
    public async Task<ReplicaPlacement> PlaceAsync(ModelDefinition model, PlacementPlan plan, long epoch)
    {
        string replica = ReplicaOf(model.Name);
        Task<ShardPlacement>[] shards =
            [.. Enumerable.Range(0, plan.Shards.Count).Select(i => Shard(replica, i).Place(ShardAssignmentOf(model, plan, epoch, i)))];
        Task<ShardPlacement>? draft = plan.Draft is null ? null : Draft(replica).Place(DraftAssignmentOf(model, plan, plan.Draft, epoch));
        await Task.WhenAll(draft is null ? shards : [.. shards, draft]);
        return new ReplicaPlacement
        {
            Replica = replica,
            Epoch = epoch,
            Model = model,
            Shards = shards.Select(s => s.Result).ToArray(),
            Draft = draft?.Result,
            KvBlocks = plan.KvBlocks,
            ContextTokens = plan.ContextTokens,
            ScratchTokens = plan.ScratchTokens,
        };
    }

    /// <summary>Frees shards that the next placement does not have.</summary>
    /// <param name="model">Model name.</param>
    /// <param name="first">First shard to free.</param>
    /// <param name="count">Shards there were.</param>
    public Task ReleaseAsync(string model, int first, int count) =>
        Task.WhenAll(Enumerable.Range(first, Math.Max(0, count - first)).Select(i => Shard(ReplicaOf(model), i).Release()));

    /// <summary>How much of a plan is loaded, 0 to 1.</summary>
    public async Task<double> ProgressAsync(string model, PlacementPlan plan)
    {
        string replica = ReplicaOf(model);
        IEnumerable<IShardGrain> all = Enumerable.Range(0, plan.Shards.Count).Select(i => Shard(replica, i));
        double[] fractions = await Task.WhenAll((plan.Draft is null ? all : all.Append(Draft(replica))).Select(s => s.GetProgress()));
        return fractions.Average();
    }

    private static ShardAssignment ShardAssignmentOf(ModelDefinition model, PlacementPlan plan, long epoch, int index) => new()
    {
        Replica = ReplicaOf(model.Name),
        Epoch = epoch,
        ModelPath = model.ModelPath,
        Index = index,
        Count = plan.Shards.Count,
        FirstLayer = plan.Shards[index].Layers.First,
        LastLayer = plan.Shards[index].Layers.Last,
        Draft = false,
        KvBlockTokens = model.KvBlockTokens,
        KvBlocks = plan.KvBlocks,
        ScratchTokens = plan.ScratchTokens,
        ContextTokens = plan.ContextTokens,
        Worker = plan.Shards[index].Worker,
        NextAddress = index + 1 < plan.Shards.Count ? plan.Shards[index + 1].Worker.Address : "",
        HeadPath = index + 1 == plan.Shards.Count ? model.HeadPath ?? "" : "",
        ExitPath = index == 0 ? model.ExitPath ?? "" : "",
    };

    private static ShardAssignment DraftAssignmentOf(ModelDefinition model, PlacementPlan plan, WorkerRecord worker, long epoch) => new()
    {
        Replica = $"{ReplicaOf(model.Name)}/draft",
        Epoch = epoch,
        ModelPath = model.DraftPath!,
        Index = 0,
        Count = 1,
        FirstLayer = 0,
        LastLayer = 0,
        Draft = true,
        KvBlockTokens = model.KvBlockTokens,
        KvBlocks = plan.DraftKvBlocks,
        ScratchTokens = 0,
        ContextTokens = plan.DraftContextTokens,
        Worker = worker,
        NextAddress = "",
        TargetPath = model.ModelPath,
        StopHeadPath = model.StopHeadPath ?? "",
    };

    private IShardGrain Shard(string replica, int index) => grains.GetGrain<IShardGrain>($"{replica}/{index}");

    private IShardGrain Draft(string replica) => grains.GetGrain<IShardGrain>($"{replica}/draft");
}
