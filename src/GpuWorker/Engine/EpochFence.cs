using System.Collections.Concurrent;

namespace Winnow.GpuWorker.Engine;

/// <summary>
/// The highest epoch seen of every replica. Whoever comes with an older one has lost the replica and is refused, also after an unload.
/// </summary>
public sealed class EpochFence
{
    private readonly ConcurrentDictionary<string, long> _epochs = new(StringComparer.Ordinal);

    /// <summary>Raises the fence to an epoch, or answers with the fault when it is already above.</summary>
    public WorkerFault? Enter(string replica, long epoch)
    {
        long current = _epochs.AddOrUpdate(replica, epoch, (_, seen) => Math.Max(seen, epoch));
        return current > epoch ? WorkerFault.StaleEpoch(replica, epoch, current) : null;
    }

    /// <summary>The fault of an epoch that has been overtaken, or <see langword="null"/>.</summary>
    public WorkerFault? Check(string replica, long epoch)
    {
        long current = _epochs.GetValueOrDefault(replica);
        return current > epoch ? WorkerFault.StaleEpoch(replica, epoch, current) : null;
    }
}
