using Winnow.Contracts.Grains;

namespace Winnow.Silo.Placement;

/// <summary>The workers as the directory last listed them, and what that means for shards placed on them.</summary>
/// <param name="time">Clock.</param>
/// <param name="patience">How long a worker that the directory does not know may still turn up: after a silo ended, workers are heard of with their next beat.</param>
internal sealed class WorkerView(TimeProvider time, TimeSpan patience)
{
    private readonly Dictionary<string, DateTimeOffset> _missingSince = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, WorkerRecord> _workers = new Dictionary<string, WorkerRecord>();

    /// <summary>Workers that may be given something new.</summary>
    public IReadOnlyList<WorkerRecord> Usable => [.. _workers.Values.Where(w => w.Health == WorkerHealth.Alive)];

    /// <summary>All of them.</summary>
    public IEnumerable<WorkerRecord> All => _workers.Values;

    /// <summary>Takes a new list.</summary>
    public void Update(IReadOnlyList<WorkerRecord> workers)
    {
        _workers = workers.ToDictionary(w => w.WorkerId, StringComparer.Ordinal);
        foreach (string id in _workers.Keys)
        {
            _missingSince.Remove(id);
        }
    }

    /// <summary>A worker's record, or <see langword="null"/>.</summary>
    public WorkerRecord? Find(string workerId) => _workers.GetValueOrDefault(workerId);

    /// <summary>Why a shard's worker does not serve it any more, or <see langword="null"/>.</summary>
    public string? LossOf(ShardPlacement shard)
    {
        WorkerRecord? worker = Find(shard.WorkerId);
        string? found = worker is null ? IsMissingForLong(shard.WorkerId) ? "unknown" : null
            : worker.Instance != shard.Instance ? "restarted"
            : worker.Health == WorkerHealth.Dead ? "dead"
            : null;
        return found is null ? null : $"worker '{shard.WorkerId}' is {found}";
    }

    /// <summary>Whether a shard's worker leaves on purpose.</summary>
    public bool IsLeaving(ShardPlacement shard) => Find(shard.WorkerId) is { Health: WorkerHealth.Draining };

    /// <summary>Whether a worker may be asked to free something: it is there, and is the process that was given it.</summary>
    public bool CanFree(HeldShard shard) =>
        Find(shard.WorkerId) is { } worker && worker.Instance == shard.Instance && worker.Health != WorkerHealth.Dead;

    /// <summary>Whether what a worker held is gone with its process.</summary>
    public bool IsGone(HeldShard shard) => Find(shard.WorkerId) is { } worker ? worker.Instance != shard.Instance : IsMissingForLong(shard.WorkerId);

    private bool IsMissingForLong(string workerId)
    {
        DateTimeOffset now = time.GetUtcNow();
        return _missingSince.TryAdd(workerId, now) ? false : now - _missingSince[workerId] > patience;
    }
}
