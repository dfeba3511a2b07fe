using System.Globalization;
using Orleans;
using Winnow.Contracts.Grains;

namespace Winnow.Silo.Placement;

/// <summary>Carries plans of one replica out through the shard grains.</summary>
/// <param name="grains">The cluster's grains.</param>
/// <param name="key">Key of the replica, <c>model/0</c>.</param>
internal sealed class ReplicaPlacer(IGrainFactory grains, string key)
{
    private const string DraftEnd = "/draft";

    /// <summary>Key of the replica.</summary>
    public string Key => key;

    /// <summary>Under this id workers hold the draft model.</summary>
    public string DraftReplica => $"{key}{DraftEnd}";

    /// <summary>The key of the replica of which a worker holds something under an id; <see langword="null"/> when it is no such id.</summary>
    public static string? KeyOf(string held)
    {
        int end = held.EndsWith(DraftEnd, StringComparison.Ordinal) ? held.Length - DraftEnd.Length : held.LastIndexOf('@');
        string key = end < 0 || held.IndexOf('/', end) > end ? held : held[..end];
        int slash = key.LastIndexOf('/');
        return slash > 0 && int.TryParse(key[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out _) ? key : null;
    }

    /// <summary>Under this id workers hold the shards of a cut.</summary>
    /// <param name="cut">How often the layers had been cut before.</param>
    public string ShardReplica(int cut) => cut == 0 ? key : $"{key}@{cut}";

    /// <summary>The shards of a plan as workers will hold them.</summary>
    public HeldShard[] TargetsOf(PlacementPlan plan, string replica) =>
        [.. plan.Shards.Select((shard, index) => Held(replica, index, shard.Worker))];

    /// <summary>The draft model as its worker will hold it.</summary>
    public HeldShard TargetOf(DraftPlan draft) => Held(DraftReplica, 0, draft.Worker);

    /// <summary>The draft model as its worker holds it.</summary>
    public HeldShard DraftHeld(ShardPlacement draft) => Held(DraftReplica, draft);

    /// <summary>Every shard of a placement; the draft model is placed by itself.</summary>
    public static IEnumerable<HeldShard> HeldBy(ReplicaPlacement placement) => placement.Shards.Select(shard => Held(placement.Replica, shard));

    /// <summary>Loads a shard of a plan.</summary>
    /// <exception cref="PlacementException">Its worker refused it or is lost.</exception>
    public Task<ShardPlacement> PlaceShardAsync(PlacementPlan plan, HeldShard target, long epoch) => Grain(target).Place(new ShardAssignment
    {
        Replica = target.Replica,
        Epoch = epoch,
        ModelPath = plan.Model.ModelPath,
        Index = target.Index,
        Count = plan.Shards.Count,
        FirstLayer = plan.Shards[target.Index].Layers.First,
        LastLayer = plan.Shards[target.Index].Layers.Last,
        Draft = false,
        KvBlockTokens = plan.Model.KvBlockTokens,
        KvBlocks = plan.KvBlocks,
        ScratchTokens = plan.ScratchTokens,
        ContextTokens = plan.ContextTokens,
        Worker = plan.Shards[target.Index].Worker,
        NextAddress = target.Index + 1 < plan.Shards.Count ? plan.Shards[target.Index + 1].Worker.Address : "",
        HeadPath = target.Index + 1 == plan.Shards.Count ? plan.Model.HeadPath ?? "" : "",
        ExitPath = target.Index == 0 ? plan.Model.ExitPath ?? "" : "",
    });

    /// <summary>Loads the draft model.</summary>
    /// <exception cref="PlacementException">Its worker refused it or is lost.</exception>
    public Task<ShardPlacement> PlaceDraftAsync(ModelDefinition model, DraftPlan draft, long epoch) => Grain(TargetOf(draft)).Place(new ShardAssignment
    {
        Replica = DraftReplica,
        Epoch = epoch,
        ModelPath = model.DraftPath!,
        Index = 0,
        Count = 1,
        FirstLayer = 0,
        LastLayer = 0,
        Draft = true,
        KvBlockTokens = model.KvBlockTokens,
        KvBlocks = draft.KvBlocks,
        ScratchTokens = 0,
        ContextTokens = draft.ContextTokens,
        Worker = draft.Worker,
        NextAddress = "",
        TargetPath = model.ModelPath,
        StopHeadPath = model.StopHeadPath ?? "",
    });

    /// <summary>Frees a shard or draft model; <see langword="false"/> when its worker did not answer.</summary>
    public Task<bool> ReleaseAsync(HeldShard shard, long epoch) => Grain(shard).Release(shard, epoch);

    /// <summary>How much of some shards is loaded, 0 to 1.</summary>
    public async Task<double> ProgressAsync(IEnumerable<HeldShard> shards)
    {
        double[] fractions = await Task.WhenAll(shards.Select(shard => Grain(shard).GetProgress()));
        return fractions.DefaultIfEmpty(1).Average();
    }

    /// <summary>What the workers of some shards have fetched together, or <see langword="null"/> while none fetches.</summary>
    public async Task<FetchState?> FetchAsync(IEnumerable<HeldShard> shards) =>
        FetchState.Sum(await Task.WhenAll(shards.Select(shard => Grain(shard).GetFetch())));

    private static HeldShard Held(string replica, int index, WorkerRecord worker) => new()
    {
        Replica = replica,
        Index = index,
        WorkerId = worker.WorkerId,
        Instance = worker.Instance,
        Address = worker.Address,
    };

    private static HeldShard Held(string replica, ShardPlacement shard) => new()
    {
        Replica = replica,
        Index = shard.Index,
        WorkerId = shard.WorkerId,
        Instance = shard.Instance,
        Address = shard.Address,
    };

    private IShardGrain Grain(HeldShard shard) => grains.GetGrain<IShardGrain>($"{shard.Replica}/{shard.Index}/{shard.WorkerId}");
}
