using Microsoft.Extensions.Logging;
using Winnow.Contracts.Grains;

namespace Winnow.Gateway.Coordination.Remote;

/// <summary>Renews a coordinator's lease until it is disposed or the lease has gone to someone else, and hears at once when the replica moves.</summary>
/// <remarks>
/// While no silo answers the coordinator goes on, past the lease's end too: should another gateway get the lease meanwhile, workers take its epoch and refuse this one's.
/// </remarks>
internal sealed partial class LeaseRenewal : IAsyncDisposable
{
    private readonly IReplicaGrain _grain;
    private readonly ReplicaOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _epoch;
    private readonly Action<ReplicaPlacement> _renewed;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Task _renewing;
    private readonly Outage _outage;
    private TimeSpan _interval;

    /// <summary>Starts renewing.</summary>
    /// <param name="grain">The replica's grain.</param>
    /// <param name="lease">The lease.</param>
    /// <param name="renewed">Told of the placement with every renewal: of its shards nothing changes in an epoch, but its draft worker may.</param>
    /// <param name="options">Delays and this gateway's name.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public LeaseRenewal(
        IReplicaGrain grain, CoordinatorLease lease, Action<ReplicaPlacement> renewed, ReplicaOptions options, TimeProvider time, ILogger logger)
    {
        _renewed = renewed;
        _grain = grain;
        _options = options;
        _time = time;
        _logger = logger;
        _epoch = lease.Epoch;
        _outage = new Outage(time);
        NoteInterval(lease);
        Lost = _lost.Token;
        _renewing = Task.Run(RenewAsync);
    }

    /// <summary>Cancelled when the lease is not ours any more, or another epoch has begun.</summary>
    public CancellationToken Lost { get; }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        _end.Dispose();
        _lost.Dispose();
    }

    private async Task RenewAsync()
    {
        try
        {
            while (await RenewOnceAsync().ConfigureAwait(false))
            {
            }
            await _lost.CancelAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async Task<bool> RenewOnceAsync()
    {
        await WaitAsync(_interval).ConfigureAwait(false);
        try
        {
            CoordinatorLease lease = await _grain.AcquireLease(_options.GatewayId, _options.GatewayAddress, _options.Socket)
                .WaitAsync(_options.AttemptTimeout, _time, _end.Token).ConfigureAwait(false);
            if (_outage.Ended(this) is { } outage)
            {
                LogRenewedAgain(_logger, _epoch, outage.Lasted.TotalSeconds);
            }
            if (lease.Granted && lease.Epoch == _epoch)
            {
                NoteInterval(lease);
                if (lease.Placement is { } placement)
                {
                    _renewed(placement);
                }
                return true;
            }
            LogMoved(_logger, _epoch, lease.Epoch, lease.Holder);
            return false;
        }
        catch (Exception exception) when (!_end.IsCancellationRequested)
        {
            if (_outage.Failed(this))
            {
                LogNotRenewed(_logger, _epoch, exception.Message);
            }
            return true;
        }
    }

    private void NoteInterval(CoordinatorLease lease)
    {
        TimeSpan left = lease.ExpiresAt - _time.GetUtcNow();
        _interval = TimeSpan.FromTicks(Math.Clamp(left.Ticks / 3, TimeSpan.FromMilliseconds(10).Ticks, _options.RenewInterval.Ticks));
    }

    /// <summary>Waits until it is time to renew, or the replica is placed under another epoch.</summary>
    private async Task WaitAsync(TimeSpan interval)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        Task delay = Task.Delay(interval, _time, either.Token);
        Task moved = _grain.WaitForPlacement(_epoch).WaitAsync(either.Token);
        if (await Task.WhenAny(delay, moved).ConfigureAwait(false) == moved && !moved.IsCompletedSuccessfully)
        {
            // The silo is away: it cannot tell.
            await delay.ConfigureAwait(false);
        }
        await either.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(delay, moved).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Token.ThrowIfCancellationRequested();
    }

    [LoggerMessage(3160, LogLevel.Warning, "The lease of epoch {Epoch} has moved on: epoch {NewEpoch}, holder {Holder}")]
    private static partial void LogMoved(ILogger logger, long epoch, long newEpoch, string holder);

    [LoggerMessage(3161, LogLevel.Warning, "The lease of epoch {Epoch} cannot be renewed; what runs goes on until another gateway has the replica. Said once, until silos answer again: {Reason}")]
    private static partial void LogNotRenewed(ILogger logger, long epoch, string reason);

    [LoggerMessage(3162, LogLevel.Information, "Silos answer again after {Seconds:0.0} s in which the lease of epoch {Epoch} was not renewed")]
    private static partial void LogRenewedAgain(ILogger logger, long epoch, double seconds);
}
