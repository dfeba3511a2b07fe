using Microsoft.Extensions.Logging;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination.Remote;

namespace Winnow.Gateway.Coordination.Forwarding;

/// <summary>
/// This gateway's side of a replica's lease: asks for it, gives it back or on, and knows who has it when this gateway has not.
/// </summary>
internal sealed partial class ReplicaLease
{
    private readonly IReplicaGrain _grain;
    private readonly ReplicaOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _asks = new(0, 1);
    private CancellationTokenSource _changed = new();
    private volatile ReplicaRoute _route;
    private volatile bool _isLeaving;

    /// <summary>Knows nothing yet.</summary>
    /// <param name="replica">Key of the replica.</param>
    /// <param name="grain">Who grants the lease.</param>
    /// <param name="options">This gateway's name and address.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public ReplicaLease(string replica, IReplicaGrain grain, ReplicaOptions options, TimeProvider time, ILogger logger)
    {
        Replica = replica;
        _grain = grain;
        _options = options;
        _time = time;
        _logger = logger;
        _route = new ReplicaRoute(null, _changed.Token);
    }

    /// <summary>Key of the replica.</summary>
    public string Replica { get; }

    /// <summary>Where requests go now. Any thread may read it.</summary>
    public ReplicaRoute Route => _route;

    /// <summary>Asks for the lease; a gateway that leaves asks only while nobody else has it, for the sake of what it still runs.</summary>
    public async Task<CoordinatorLease> AskAsync(CancellationToken cancellation)
    {
        CoordinatorLease? lease = _isLeaving ? await _grain.GetLease().WaitAsync(cancellation).ConfigureAwait(false) : null;
        if (lease is null || lease.Holder.Length == 0 || lease.Holder == _options.GatewayId)
        {
            lease = await _grain.AcquireLease(_options.GatewayId, _options.GatewayAddress, _options.Socket).WaitAsync(cancellation).ConfigureAwait(false);
        }
        Note(lease);
        return lease;
    }

    /// <summary>Waits until it is time to ask again: after a while, or when someone says so.</summary>
    public async Task WaitToAskAsync(CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task asked = _asks.WaitAsync(either.Token);
        await Task.WhenAny(asked, Task.Delay(_options.StandbyInterval, _time, either.Token)).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
        await asked.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Has the lease asked for now rather than in a while.</summary>
    public void AskNow()
    {
        lock (_lock)
        {
            if (_asks.CurrentCount == 0)
            {
                _asks.Release();
            }
        }
    }

    /// <summary>Tells that another gateway cannot be reached, so that it need not keep the lease until that ends by itself.</summary>
    public async Task ReportLostAsync(ReplicaHolder holder)
    {
        try
        {
            await _grain.HolderLost(holder.GatewayId, holder.Epoch).WaitAsync(_options.AttemptTimeout, _time).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The lease ends by itself.
            LogNotTold(_logger, Replica, exception.Message);
        }
        AskNow();
    }

    /// <summary>Gives the lease to a gateway that waits for it, and waits for it no longer itself.</summary>
    /// <param name="leaves">This gateway is about to end: it does not wait for the lease again.</param>
    /// <param name="cancellation">Ends the wait for the grain.</param>
    /// <returns><see langword="false"/> when the lease is this gateway's, as before: nobody waits for it.</returns>
    public async Task<bool> HandOverAsync(bool leaves, CancellationToken cancellation)
    {
        if (leaves)
        {
            _isLeaving = true;
        }
        bool had = _route.Holder is null;
        CoordinatorLease lease = await _grain.HandOver(_options.GatewayId).WaitAsync(cancellation).ConfigureAwait(false);
        bool isGiven = lease.Holder != _options.GatewayId;
        if (isGiven && had)
        {
            LogHandedOver(_logger, Replica, lease.Holder);
            Note(lease);
        }
        return isGiven;
    }

    /// <summary>Gives the lease back.</summary>
    public async Task ReleaseAsync()
    {
        try
        {
            await _grain.ReleaseLease(_options.GatewayId).WaitAsync(_options.AttemptTimeout, _time).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Without it the lease ends by itself.
            LogNotTold(_logger, Replica, exception.Message);
        }
    }

    private void Note(CoordinatorLease lease)
    {
        bool isOther = !lease.Granted && lease.Holder.Length > 0 && lease.Holder != _options.GatewayId;
        ReplicaHolder? holder = isOther ? new ReplicaHolder(lease.Holder, lease.HolderAddress, lease.Epoch, lease.Placement) : null;
        CancellationTokenSource? over = null;
        lock (_lock)
        {
            bool isSame = holder?.GatewayId == _route.Holder?.GatewayId && holder?.Address == _route.Holder?.Address;
            if (!isSame)
            {
                (over, _changed) = (_changed, new CancellationTokenSource());
            }
            _route = new ReplicaRoute(holder, _changed.Token);
        }
        over?.Cancel();
    }

    [LoggerMessage(3180, LogLevel.Debug, "The grain of replica {Replica} could not be told: {Reason}")]
    private static partial void LogNotTold(ILogger logger, string replica, string reason);

    [LoggerMessage(3181, LogLevel.Information, "The lease of replica {Replica} was handed over to gateway {Holder}")]
    private static partial void LogHandedOver(ILogger logger, string replica, string holder);
}
