using Winnow.Contracts.Grains;

namespace Winnow.Silo.Placement;

/// <summary>
/// What workers report that they hold of a replica, against what they should. What is reported may be older than what was asked for since, so it counts
/// once beats have said the same for a while, and nothing else happened to the replica meanwhile.
/// </summary>
/// <param name="store">What workers should hold.</param>
/// <param name="placer">Names what is held.</param>
/// <param name="workers">The workers as of the last tick.</param>
/// <param name="patience">How long beats must have said the same.</param>
internal sealed class ShardReports(ReplicaStore store, ReplicaPlacer placer, WorkerView workers, TimeSpan patience)
{
    private Dictionary<HeldShard, DateTimeOffset> _since = [];
    private long _epoch;

    /// <summary>Placed on a worker that does not hold it.</summary>
    public IReadOnlyList<HeldShard> Missing { get; private set; } = [];

    /// <summary>Held by a worker though nobody knows of it.</summary>
    public IReadOnlyList<HeldShard> Unknown { get; private set; } = [];

    /// <summary>Looks at the newest reports.</summary>
    /// <param name="isIdle">Nothing is being loaded or freed.</param>
    public void Look(bool isIdle)
    {
        if (!isIdle || store.Epoch != _epoch)
        {
            (_since, _epoch, Missing, Unknown) = ([], store.Epoch, [], []);
        }
        if (isIdle)
        {
            Dictionary<HeldShard, DateTimeOffset> before = _since;
            _since = [];
            Missing = [.. Placed().Where(shard => !IsReported(shard)).Where(shard => IsOld(shard, before))];
            Unknown = [.. Reported().Where(shard => IsOld(shard, before))];
        }
    }

    /// <summary>Why a shard is lost though its worker is not, or <see langword="null"/>.</summary>
    public string? LossOf(ShardPlacement shard) =>
        Missing.FirstOrDefault(missing => missing.Replica != placer.DraftReplica && missing.Index == shard.Index) is { } lost ? Describe(lost) : null;

    /// <summary>Why the draft model is lost though its worker is not, or <see langword="null"/>.</summary>
    public string? DraftLoss => Missing.FirstOrDefault(missing => missing.Replica == placer.DraftReplica) is { } lost ? Describe(lost) : null;

    private static string Describe(HeldShard lost) => $"worker '{lost.WorkerId}' does not hold what was placed on it";

    private IEnumerable<HeldShard> Placed()
    {
        IEnumerable<HeldShard> shards = store.Placement is { } placement ? ReplicaPlacer.HeldBy(placement) : [];
        return (store.State.Draft is { } draft ? shards.Append(placer.DraftHeld(draft)) : shards).Where(workers.CanFree);
    }

    private bool IsReported(HeldShard shard) =>
        workers.Find(shard.WorkerId)?.Shards is not { } reported || reported.Any(other => other.Replica == shard.Replica && other.Index == shard.Index);

    private IEnumerable<HeldShard> Reported() =>
        from worker in workers.All
        from shard in worker.Shards ?? []
        where ReplicaPlacer.KeyOf(shard.Replica) == placer.Key
        where !store.State.Held.Any(held => held.Replica == shard.Replica && held.Index == shard.Index && held.WorkerId == worker.WorkerId && held.Instance == worker.Instance)
        let found = new HeldShard { Replica = shard.Replica, Index = shard.Index, WorkerId = worker.WorkerId, Instance = worker.Instance, Address = worker.Address }
        where workers.CanFree(found)
        select found;

    private bool IsOld(HeldShard shard, Dictionary<HeldShard, DateTimeOffset> before)
    {
        DateTimeOffset beat = workers.Find(shard.WorkerId)!.LastBeat;
        DateTimeOffset since = _since[shard] = before.GetValueOrDefault(shard, beat);
        return beat - since >= patience;
    }
}
