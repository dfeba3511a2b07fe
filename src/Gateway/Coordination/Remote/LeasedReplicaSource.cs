using Grpc.Core;
using Microsoft.Extensions.Logging;
using Polly;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination.Forwarding;
using Winnow.Hosting;
using Winnow.Hosting.Calls;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using V1 = Winnow.Contracts.V1;

namespace Winnow.Gateway.Coordination.Remote;

/// <summary>
/// Takes over a model's replica in worker processes: acquires the coordinator's lease from the replica's grain, checks that every shard is up,
/// opens the streams, and renews the lease until the replica is disposed. Tries again until cancelled.
/// </summary>
internal sealed partial class LeasedReplicaSource : IReplicaSource, IAsyncDisposable
{
    // After so many failed attempts in a row another gateway may have more luck.
    private const int PatientAttempts = 5;

    // No replica has it.
    private const long AnyEpoch = -1;

    // How long a replica whose workers do not answer may take to be placed elsewhere before that counts as a failed attempt.
    private static readonly TimeSpan MoveTimeout = TimeSpan.FromSeconds(2);

    private readonly string _model;
    private readonly IReplicaGrain _grain;
    private readonly ReplicaLease _lease;
    private readonly ClusterChannels _channels;
    private readonly ReplicaOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private IReadOnlyList<ShardPlacement> _shards = [];
    private long _acquiredAt;
    private long _epoch;
    private int _shortLives;
    private int _failures;
    private bool _isHeldByAnother;
    private volatile bool _isStandby;
    private volatile string? _obstacle;

    /// <summary>Takes over one replica.</summary>
    /// <param name="grain">Its grain.</param>
    /// <param name="lease">Its lease.</param>
    /// <param name="channels">Channels to workers.</param>
    /// <param name="options">Delays and this gateway's name, which must not be empty.</param>
    /// <param name="time">Clock.</param>
    /// <param name="loggers">Logs.</param>
    public LeasedReplicaSource(
        IReplicaGrain grain, ReplicaLease lease, ClusterChannels channels, ReplicaOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        _model = lease.Replica;
        _grain = grain;
        _lease = lease;
        _channels = channels;
        _options = options;
        _time = time;
        _loggers = loggers;
        _logger = loggers.CreateLogger<LeasedReplicaSource>();
    }

    /// <summary>Opens models by their paths. Default: files of this machine.</summary>
    public Func<string, ModelFile> OpenModel { get; init; } = static path => ModelFile.Open(path);

    /// <inheritdoc />
    public event Action? StandbyChanged;

    /// <inheritdoc />
    public bool IsStandby => _isStandby;

    /// <inheritdoc />
    public string? Obstacle => _obstacle;

    /// <inheritdoc />
    public async Task<Replica> AcquireAsync(CancellationToken cancellation)
    {
        _isHeldByAnother = false;
        if (_epoch != 0)
        {
            await ReportBrokenAsync(_epoch, cancellation).ConfigureAwait(false);
        }
        ResiliencePipeline retry = CallPolicies.KeepTrying(CallNames.Replica, _options.Delays, _time, static _ => true, (attempt, exception) =>
        {
            _obstacle = exception is RpcException failed ? failed.Status.Detail : exception.Message;
            LogNotYet(_logger, _model, attempt, exception.Message);
        });
        while (true)
        {
            Replica? replica = await retry.ExecuteAsync(async token => await TryAcquireAsync(token).ConfigureAwait(false), cancellation).ConfigureAwait(false);
            if (replica is not null)
            {
                _obstacle = null;
                _acquiredAt = _time.GetTimestamp();
                return replica;
            }
            await _lease.WaitToAskAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Gives the lease back, so that another gateway need not wait for its end.</summary>
    public async ValueTask DisposeAsync() => await _lease.ReleaseAsync().ConfigureAwait(false);

    // A replica that breaks as soon as it is used must not be taken over in a tight loop. One that has moved to other workers is another one.
    private async Task PauseAfterShortLifeAsync(ReplicaPlacement placement, CancellationToken cancellation)
    {
        bool isSame = _shards.SequenceEqual(placement.Shards);
        _shards = placement.Shards;
        bool isShort = isSame && _acquiredAt != 0 && _time.GetElapsedTime(_acquiredAt) < _options.MaxRetryDelay;
        _shortLives = isShort ? _shortLives + 1 : 0;
        if (_shortLives > 1)
        {
            double delay = Math.Min(_options.RetryDelay.TotalSeconds * Math.Pow(2, Math.Min(_shortLives, 30)), _options.MaxRetryDelay.TotalSeconds);
            await Task.Delay(TimeSpan.FromSeconds(delay), _time, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<Replica?> TryAcquireAsync(CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(_options.AttemptTimeout, _time);
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        while (true)
        {
            CoordinatorLease lease = await _lease.AskAsync(attempt.Token).ConfigureAwait(false);
            NoteStandby(!lease.Granted);
            if (!lease.Granted)
            {
                _isHeldByAnother = true;
                _obstacle = $"Replica '{_model}' is coordinated by gateway '{lease.Holder}' until {lease.ExpiresAt:O}.";
                return null;
            }
            if (lease.Placement is not { } placement)
            {
                if (!await IsPlacedAsync(AnyEpoch, attempt.Token).ConfigureAwait(false))
                {
                    throw new InvalidOperationException($"Replica '{_model}' has not been placed on workers yet.");
                }
                continue;
            }
            try
            {
                await CheckWorkersAsync(placement, attempt.Token).ConfigureAwait(false);
                await PauseAfterShortLifeAsync(placement, attempt.Token).ConfigureAwait(false);
                Replica replica = Open(lease, placement);
                _failures = 0;
                return replica;
            }
            catch (RpcException refused) when (refused.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied)
            {
                // Who may not run the replica must not keep others from it.
                await _lease.ReleaseAsync().ConfigureAwait(false);
                throw;
            }
            catch (Exception exception) when (exception is RpcException or InvalidOperationException && !attempt.IsCancellationRequested)
            {
                await ReportBrokenAsync(lease.Epoch, attempt.Token).ConfigureAwait(false);
                if (!await IsPlacedAsync(lease.Epoch, attempt.Token).ConfigureAwait(false))
                {
                    await GiveWayAsync(attempt.Token).ConfigureAwait(false);
                    throw;
                }
            }
            catch (Exception) when (!cancellation.IsCancellationRequested)
            {
                // A model file that only this gateway cannot read, or no answer in time.
                await GiveWayAsync(cancellation).ConfigureAwait(false);
                throw;
            }
        }
    }

    private void NoteStandby(bool isStandby)
    {
        if (isStandby != _isStandby)
        {
            _isStandby = isStandby;
            StandbyChanged?.Invoke();
        }
    }

    private async Task GiveWayAsync(CancellationToken cancellation)
    {
        if (++_failures % PatientAttempts == 0)
        {
            await _lease.HandOverAsync(leaves: false, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Has the workers of a broken replica looked at now, which are declared dead only after a while of silence otherwise.</summary>
    private async Task ReportBrokenAsync(long epoch, CancellationToken cancellation)
    {
        try
        {
            await _grain.ReportBroken(epoch).WaitAsync(_options.AttemptTimeout, _time, cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            // The silo may be away; the replica's grain finds out by itself later.
            LogNotReported(_logger, _model, exception);
        }
    }

    /// <summary>Waits until the replica is placed under another epoch; <see langword="false"/> when it is not for a while.</summary>
    private async Task<bool> IsPlacedAsync(long otherThanEpoch, CancellationToken cancellation)
    {
        try
        {
            await _grain.WaitForPlacement(otherThanEpoch).WaitAsync(MoveTimeout, _time, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private Task CheckWorkersAsync(ReplicaPlacement placement, CancellationToken cancellation) =>
        Task.WhenAll(placement.Shards.Select(shard => CheckWorkerAsync(placement, shard, cancellation)));

    private async Task CheckWorkerAsync(ReplicaPlacement placement, ShardPlacement shard, CancellationToken cancellation)
    {
        V1.WorkerInfo info = await Worker(shard).GetInfoAsync(new V1.GetInfoRequest(), cancellationToken: cancellation).ConfigureAwait(false);
        if (!info.Shards.Any(loaded => loaded.Replica == placement.Replica && loaded.ShardIndex == shard.Index))
        {
            throw new InvalidOperationException(
                $"Worker '{info.WorkerId}' at '{shard.Address}' does not hold shard '{shard.Index}' of '{placement.Replica}'.");
        }
    }

    private Replica Open(CoordinatorLease lease, ReplicaPlacement placement)
    {
        var shape = new PipelineShape
        {
            Epoch = lease.Epoch,
            Shards = placement.Shards.Count,
            BlockTokens = placement.Model.KvBlockTokens,
            BlockCount = placement.KvBlocks,
            ScratchTokens = placement.ScratchTokens,
            ContextTokens = placement.ContextTokens,
            VocabularySize = ReadVocabularySize(placement.Model.ModelPath),
            HasHead = placement.Model.HeadPath is not null,
            HasExit = placement.Model.ExitPath is not null,
            Numerics = [.. placement.Shards.Select(shard => shard.Numerics)],
            ProcessIds = [.. placement.Shards.Select(shard => shard.ProcessId)],
        };
        var pipeline = new RemotePipeline(
            placement.Replica, shape, Worker(placement.Shards[0]), Worker(placement.Shards[^1]), _time, _loggers.CreateLogger<RemotePipeline>());
        RemoteDraftClient? drafter = placement.Model.DraftPath is null ? null : new RemoteDraftClient(
            placement.DraftReplica, lease.Epoch, Drafter(placement), _options, _time, _loggers.CreateLogger<RemoteDraftClient>());
        var renewal = new LeaseRenewal(
            _grain, lease, renewed => drafter?.MoveTo(Drafter(renewed)), _options, _time, _loggers.CreateLogger<LeaseRenewal>());
        _epoch = lease.Epoch;
        LogAcquired(_logger, _model, lease.Epoch, placement.Shards.Count, placement.Draft?.Address);
        return new Replica(pipeline, drafter, renewal.Lost, renewal.DisposeAsync) { IsTakeover = lease.IsTakeover || _isHeldByAnother };
    }

    private int ReadVocabularySize(string path)
    {
        using ModelFile file = OpenModel(path);
        return ModelConfigurationReader.Read(file).VocabularySize;
    }

    private DraftWorker? Drafter(ReplicaPlacement placement) => placement.Draft is { } draft ? new DraftWorker(draft.Address, Worker(draft)) : null;

    private V1.Worker.WorkerClient Worker(ShardPlacement placement) => new(_channels.Get(placement.Address));

    [LoggerMessage(3150, LogLevel.Information, "Coordinating model {Model}: epoch {Epoch}, {Shards} shards, drafter {Drafter}")]
    private static partial void LogAcquired(ILogger logger, string model, long epoch, int shards, string? drafter);

    [LoggerMessage(3151, LogLevel.Information, "Model {Model} cannot be coordinated yet (attempt {Attempt}): {Reason}")]
    private static partial void LogNotYet(ILogger logger, string model, int attempt, string? reason);

    [LoggerMessage(3153, LogLevel.Debug, "That replica {Model} broke could not be reported")]
    private static partial void LogNotReported(ILogger logger, string model, Exception exception);
}
