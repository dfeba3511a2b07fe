using Winnow.Contracts.Grains;

namespace Winnow.Gateway.Admin;

/// <summary>Answer of <c>GET /admin/models</c>.</summary>
/// <param name="Data">By name.</param>
public sealed record AdminModelList(IReadOnlyList<AdminModel> Data)
{
    /// <summary>Always <c>list</c>.</summary>
    public string Object => "list";
}

/// <summary>A model of the cluster.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Phase"><c>waiting_for_workers</c>, <c>loading</c>, <c>ready</c>, <c>failed</c> or <c>unloading</c>.</param>
/// <param name="Detail">One line for people.</param>
/// <param name="Progress">Fraction loaded, 0 to 1.</param>
/// <param name="Shards">Pipeline shards wanted.</param>
/// <param name="Replicas">What its replicas do; those beyond the wanted number are on their way out.</param>
/// <param name="ReplicasWanted">Replicas wanted.</param>
public sealed record AdminModel(
    string Id, string Phase, string Detail, double Progress, int Shards, int ReplicasWanted, IReadOnlyList<AdminReplica> Replicas)
{
    /// <summary>Always <c>model</c>.</summary>
    public string Object => "model";

    internal static AdminModel From(ModelStatus model) => new(
        model.Name, PhaseNames.Of(model.Phase), model.Detail, model.Progress, model.Definition?.Shards ?? 0, model.Definition?.Replicas ?? 0,
        [.. model.Replicas.Select(AdminReplica.From)]);
}

/// <summary>A running copy of a model.</summary>
/// <param name="Index">Number, 0 first.</param>
/// <param name="Phase">As of a model.</param>
/// <param name="Detail">One line for people.</param>
/// <param name="Progress">Fraction loaded of what is being loaded, 0 to 1.</param>
/// <param name="Epoch">Fencing epoch; 0 while it is not placed.</param>
/// <param name="Coordinator">Gateway that coordinates it, empty for none.</param>
/// <param name="KvBlocks">Logical KV blocks.</param>
/// <param name="ContextTokens">Longest sequence in tokens.</param>
/// <param name="Shards">Where its layers are, in order.</param>
/// <param name="Draft">Where its draft model is; left out when it has none.</param>
public sealed record AdminReplica(
    int Index, string Phase, string Detail, double Progress, long Epoch, string Coordinator, int KvBlocks, int ContextTokens,
    IReadOnlyList<AdminShard> Shards, AdminShard? Draft)
{
    internal static AdminReplica From(ReplicaStatus replica) => new(
        replica.Index, PhaseNames.Of(replica.Phase), replica.Detail, replica.Progress, replica.Placement?.Epoch ?? 0, replica.Holder,
        replica.Placement?.KvBlocks ?? 0, replica.Placement?.ContextTokens ?? 0,
        [.. (replica.Placement?.Shards ?? []).Select(AdminShard.From)], replica.Placement?.Draft is { } draft ? AdminShard.From(draft) : null);
}

/// <summary>Some layers on a worker; a draft model has them all.</summary>
/// <param name="Index">Position in the pipeline, 0 first.</param>
/// <param name="FirstLayer">First layer, inclusive.</param>
/// <param name="LastLayer">Last layer, exclusive; 0 for a draft model.</param>
/// <param name="Worker">The worker.</param>
/// <param name="Numerics">Backend, kernel version, model hash and KV type.</param>
public sealed record AdminShard(int Index, int FirstLayer, int LastLayer, string Worker, string Numerics)
{
    internal static AdminShard From(ShardPlacement shard) => new(shard.Index, shard.FirstLayer, shard.LastLayer, shard.WorkerId, shard.Numerics);
}

/// <summary>Answer of <c>DELETE /admin/models/{name}</c>.</summary>
/// <param name="Id">Its name.</param>
public sealed record AdminUnloading(string Id)
{
    /// <summary>Always <c>model</c>.</summary>
    public string Object => "model";

    /// <summary>Always <c>unloading</c>.</summary>
    public string Phase => PhaseNames.Of(ModelPhase.Unloading);
}

/// <summary>Phases and healths as JSON names them.</summary>
internal static class PhaseNames
{
    public static string Of(ModelPhase phase) => phase == ModelPhase.WaitingForWorkers ? "waiting_for_workers" : phase.ToString().ToLowerInvariant();

    public static string Of(WorkerHealth health) => health.ToString().ToLowerInvariant();
}
