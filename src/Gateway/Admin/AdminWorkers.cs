using Winnow.Contracts.Grains;

namespace Winnow.Gateway.Admin;

/// <summary>Answer of <c>GET /admin/workers</c>.</summary>
/// <param name="Data">By id.</param>
public sealed record AdminWorkerList(IReadOnlyList<AdminWorker> Data)
{
    /// <summary>Always <c>list</c>.</summary>
    public string Object => "list";

    internal static AdminWorkerList From(IReadOnlyList<WorkerRecord> workers, IReadOnlyList<ModelStatus> models)
    {
        ReplicaPlacement[] placements = [.. models.SelectMany(model => model.Replicas).Select(replica => replica.Placement).OfType<ReplicaPlacement>()];
        Dictionary<string, string> names = workers.ToDictionary(worker => worker.WorkerId, worker => worker.Address, StringComparer.Ordinal)
            .DistinctBy(entry => entry.Value).ToDictionary(entry => entry.Value, entry => entry.Key, StringComparer.Ordinal);
        return new AdminWorkerList([.. workers.Select(worker => AdminWorker.From(worker, placements, names))]);
    }
}

/// <summary>A worker of the cluster.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Health"><c>alive</c>, <c>suspect</c>, <c>dead</c> or <c>draining</c>.</param>
/// <param name="Address">gRPC address.</param>
/// <param name="Roles">What may be placed on it: <c>target</c>, <c>draft</c>.</param>
/// <param name="Device">Its device, for people.</param>
/// <param name="ProcessId">Process id on its machine.</param>
/// <param name="MemoryBytes">Memory budget.</param>
/// <param name="MemoryUsedBytes">Bytes in use.</param>
/// <param name="MemoryClaimedBytes">Bytes promised to replicas.</param>
/// <param name="BytesPerSecond">How fast it reads weights, as measured at its start; 0 when it was not.</param>
/// <param name="Shards">What is placed on it; one without is a spare.</param>
/// <param name="Latencies">Round trips to other workers.</param>
public sealed record AdminWorker(
    string Id, string Health, string Address, IReadOnlyList<string> Roles, string Device, int ProcessId, long MemoryBytes, long MemoryUsedBytes,
    long MemoryClaimedBytes, double BytesPerSecond, IReadOnlyList<AdminPlaced> Shards, IReadOnlyList<AdminLatency> Latencies)
{
    internal static AdminWorker From(WorkerRecord worker, IReadOnlyList<ReplicaPlacement> placements, IReadOnlyDictionary<string, string> names) => new(
        worker.WorkerId,
        PhaseNames.Of(worker.Health),
        worker.Address,
        [.. new[] { WorkerRoles.Target, WorkerRoles.Draft }.Where(role => worker.Roles.HasFlag(role)).Select(role => role.ToString().ToLowerInvariant())],
        worker.Device,
        worker.ProcessId,
        worker.MemoryBytes,
        worker.MemoryUsedBytes,
        worker.Claims.Sum(claim => claim.Bytes),
        worker.WeightBytesPerSecond > 0 ? worker.WeightBytesPerSecond : worker.CopyBytesPerSecond,
        [.. placements.SelectMany(placement => AdminPlaced.On(worker.WorkerId, placement))],
        [.. worker.Links.Where(link => names.ContainsKey(link.Address)).Select(link => new AdminLatency(names[link.Address], link.Seconds * 1e6))]);
}

/// <summary>What is placed on a worker.</summary>
/// <param name="Replica">Replica.</param>
/// <param name="Index">Position in the pipeline, or -1 for the draft model.</param>
public sealed record AdminPlaced(string Replica, int Index)
{
    private const int DraftIndex = -1;

    internal static IEnumerable<AdminPlaced> On(string worker, ReplicaPlacement placement)
    {
        IEnumerable<AdminPlaced> shards = placement.Shards.Where(shard => shard.WorkerId == worker).Select(shard => new AdminPlaced(placement.Replica, shard.Index));
        return placement.Draft?.WorkerId == worker ? shards.Append(new AdminPlaced(placement.Replica, DraftIndex)) : shards;
    }
}

/// <summary>The way to another worker.</summary>
/// <param name="Worker">The other.</param>
/// <param name="Micros">Round trip of a small call in microseconds.</param>
public sealed record AdminLatency(string Worker, double Micros);
