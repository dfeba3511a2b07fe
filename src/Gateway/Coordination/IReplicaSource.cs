namespace Winnow.Gateway.Coordination;

/// <summary>
/// Where a coordinator gets the replica it runs on: at start, and again whenever the last one broke. One that is <see cref="IAsyncDisposable"/> is
/// disposed with the coordinator.
/// </summary>
public interface IReplicaSource
{
    /// <summary>What the last attempt failed at, in one line, while <see cref="AcquireAsync"/> tries again; <see langword="null"/> when nothing did.</summary>
    string? Obstacle => null;

    /// <summary>Another coordinator runs the replica, and <see cref="AcquireAsync"/> waits until it no longer does. Any thread may read it.</summary>
    bool IsStandby => false;

    /// <summary>Raised by any thread when <see cref="IsStandby"/> has changed.</summary>
    event Action StandbyChanged
    {
        add { }
        remove { }
    }

    /// <summary>
    /// Waits for a replica and takes it over. Tries again by itself as long as that can help.
    /// </summary>
    /// <exception cref="GenerationException">There will be no replica: the coordinator refuses every request with this error.</exception>
    Task<Replica> AcquireAsync(CancellationToken cancellation);
}
