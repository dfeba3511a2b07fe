using System.Globalization;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using Winnow.Contracts.Grains;
using Winnow.Silo.Control;
using Winnow.Silo.Placement;

namespace Winnow.Silo.Grains;

/// <summary>
/// One running copy of a model: <see cref="ShardKeeper"/> and <see cref="DraftKeeper"/> keep it placed, this grants the right to coordinate it and frees
/// what workers hold of it in vain.
/// </summary>
/// <remarks>
/// A tick looks at the workers and starts operations, which run beside ticks and calls. Epoch, placement and whatever a worker is asked to hold are
/// on disk before anyone hears of them.
/// </remarks>
internal sealed class ReplicaGrain : Grain, IReplicaGrain
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    // While a call runs, a grain whose silo was lost comes up nowhere else.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);

    // A beat may have been on its way when what it tells of changed; the next but one was not.
    private const int BeatsToBelieve = 2;
    private readonly ReplicaStore _store;
    private readonly PlanSource _plans;
    private readonly GatewayProbe _probe;
    private readonly SiloOptions _options;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _time;
    private readonly ILogger<ReplicaGrain> _logger;
    private readonly CoordinatorClaim _claim = new();
    private ReplicaContext _context = null!;
    private ShardKeeper _shards = null!;
    private DraftKeeper _draft = null!;
    private ShardReleaser _releaser = null!;
    private IGrainTimer? _timer;
    private Task _releasing = Task.CompletedTask;
    private bool _isDoubted;
    private bool _isRetiring;
    private DateTimeOffset _retireAt;

    public ReplicaGrain(
        [PersistentState("replica")] IPersistentState<ReplicaState> state, PlanSource plans, GatewayProbe probe, IOptions<SiloOptions> options, IHostApplicationLifetime lifetime,
        TimeProvider time, ILogger<ReplicaGrain> logger)
    {
        (_store, _plans, _probe, _options, _lifetime, _time, _logger) = (new ReplicaStore(state), plans, probe, options.Value, lifetime, time, logger);
    }

    private string Key => this.GetPrimaryKeyString();

    private IWorkerDirectoryGrain Directory => _context.Directory;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        ReplicaPlacer placer = new(GrainFactory, Key);
        WorkerView workers = new(_time, TimeSpan.FromMilliseconds(_options.DeadAfterMs));
        _context = new ReplicaContext
        {
            Key = Key,
            Store = _store,
            Placer = placer,
            Plans = _plans,
            Workers = workers,
            Reports = new ShardReports(_store, placer, workers, BeatsToBelieve * TimeSpan.FromMilliseconds(_options.BeatIntervalMs)),
            Directory = GrainFactory.GetGrain<IWorkerDirectoryGrain>(0),
            Options = _options,
            Time = _time,
            Logger = _logger,
            Wake = Wake,
        };
        _draft = new DraftKeeper(_context);
        _shards = new ShardKeeper(_context, _draft);
        _releaser = new ShardReleaser(_context, () => [.. _shards.Loading, .. _shards.Leaving, .. _draft.Loading]);
        _shards.Restore();
        if (_store.State.Holder.Length > 0)
        {
            _claim.Take(new Claimant(_store.State.Holder, _store.State.HolderAddress, _store.State.HolderSocket), _time.GetUtcNow() + Lease);
        }
        _timer = this.RegisterGrainTimer(
            _ => ReconcileAsync(), new GrainTimerCreationOptions(TimeSpan.Zero, Tick) { Interleave = true, KeepAlive = true });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _shards.Unpublish();
        return Task.CompletedTask;
    }

    private TimeSpan Lease => TimeSpan.FromMilliseconds(_options.LeaseMs);

    /// <inheritdoc/>
    public async Task Define(ModelDefinition definition)
    {
        _isRetiring = false;
        ModelDefinition? before = _store.State.Definition;
        if (definition != before)
        {
            await _store.WriteAsync(state => state.Definition = definition);
            if (_store.State.Placement is not null && before?.ModelPath != definition.ModelPath)
            {
                // Tokens of one model do not go on with another.
                await _shards.AbandonAsync("The model was defined anew with another file.");
            }
            _shards.Redefine();
            _draft.Encourage();
        }
        Wake();
    }

    /// <inheritdoc/>
    public async Task<ReplicaStatus> GetStatus()
    {
        HeldShard[] loading = [.. _shards.Loading, .. _draft.Loading];
        double loaded = await _context.Placer.ProgressAsync(loading);
        string fetched = (await _context.Placer.FetchAsync(loading))?.Describe() ?? "";
        return new ReplicaStatus
        {
            Index = int.Parse(Key[(Key.LastIndexOf('/') + 1)..], CultureInfo.InvariantCulture),
            Phase = _isRetiring ? ModelPhase.Unloading : _shards.Phase,
            Detail = string.Join(' ', _shards.Notes.Prepend(_shards.Detail).Append(_draft.Detail).Append(fetched).Where(text => text.Length > 0)),
            Progress = _shards.Phase is ModelPhase.Ready or ModelPhase.Loading ? loaded : 0,
            Placement = _shards.Current,
            Holder = _claim.Holder.GatewayId,
            HolderAddress = _claim.Holder.Address,
        };
    }

    /// <inheritdoc/>
    public Task WorkersChanged()
    {
        _shards.Encourage();
        _draft.Encourage();
        Wake();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<CoordinatorLease> AcquireLease(string gatewayId, string gatewayAddress, string socket)
    {
        var gateway = new Claimant(gatewayId, gatewayAddress, socket);
        DateTimeOffset now = _time.GetUtcNow();
        bool granted = _claim.IsOpenTo(gateway, now) && !(_isRetiring && _claim.Changes(gatewayId));
        if (granted)
        {
            if (_claim.Changes(gatewayId))
            {
                await RaiseEpochAsync(gateway);
            }
            _claim.Take(gateway, now + Lease);
            if (_shards.Current is not null)
            {
                _shards.Followed();
            }
        }
        else
        {
            _claim.Refuse(gateway, now);
        }
        return Claim(granted);
    }

    /// <inheritdoc/>
    public Task<CoordinatorLease> GetLease() => Task.FromResult(Claim(granted: false));

    /// <inheritdoc/>
    public async Task<CoordinatorLease> HandOver(string gatewayId)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (!_isRetiring && _claim.HandOver(gatewayId, now, now + Lease))
        {
            await RaiseEpochAsync(_claim.Holder);
        }
        return Claim(granted: false);
    }

    /// <inheritdoc/>
    public async Task HolderLost(string gatewayId, long epoch)
    {
        bool IsMeant() => _claim.Holder.GatewayId == gatewayId && _store.Epoch == epoch && _claim.Holder.Address.Length > 0;
        if (IsMeant() && !await _probe.AnswersAsync(_claim.Holder.Address) && IsMeant())
        {
            ReplicaLog.HolderLost(_logger, Key, gatewayId, epoch);
            _claim.Release(gatewayId);
        }
    }

    /// <inheritdoc/>
    public async Task ReleaseLease(string gatewayId)
    {
        if (_claim.Holder.GatewayId == gatewayId)
        {
            _claim.Release(gatewayId);
            await _store.WriteAsync(state => (state.Holder, state.HolderAddress, state.HolderSocket) = ("", "", ""));
        }
    }

    /// <inheritdoc/>
    public Task ReportBroken(long epoch)
    {
        if (epoch == _store.Epoch && _store.State.Placement is not null)
        {
            _isDoubted = true;
            Wake();
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task WaitForPlacement(long otherThanEpoch)
    {
        using CancellationTokenSource limit = new(LongestWait, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _lifetime.ApplicationStopping);
        while (!either.IsCancellationRequested && (_shards.Current is null || _store.Epoch == otherThanEpoch))
        {
            await _shards.Changed.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
        if (_lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // A silo waits for its grains' calls before it ends, and whoever waits here has to ask the next one.
            throw new InvalidOperationException($"The silo that waited for the placement of replica '{Key}' ends. Ask again.");
        }
    }

    /// <inheritdoc/>
    public async Task<bool> Retire(bool finish)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (!_isRetiring)
        {
            (_isRetiring, _retireAt) = (true, now + TimeSpan.FromMilliseconds(finish ? _options.UnloadMs : 0));
        }
        bool isCoordinated = _store.State.Placement is not null && _claim.Holder != Claimant.Nobody && now < _claim.ExpiresAt;
        if ((isCoordinated && now < _retireAt) || !_shards.IsIdle || !_draft.IsIdle)
        {
            return false;
        }
        if (_store.State.Placement is not null)
        {
            await _shards.AbandonAsync("Unloading.");
        }
        if (_store.State.Draft is not null)
        {
            await _draft.DropAsync();
        }
        if (_store.State.Held.Any(_context.Workers.CanFree))
        {
            Wake();
            return false;
        }
        await ForgetAsync();
        return true;
    }

    /// <summary>
    /// Gives the memory back. What stays is the epoch: should the name come back, workers know the old one. So does what dead workers hold; it is freed should one return.
    /// </summary>
    private async Task ForgetAsync()
    {
        await _store.WriteAsync(state =>
            (state.Definition, state.PlacedFor, state.Claims, state.Holder, state.HolderAddress, state.HolderSocket) = (null, null, [], "", "", ""));
        // After the state, from which a release that ends now claims again.
        await Directory.Claim(Key, []);
        _claim.Release(_claim.Holder.GatewayId);
        _isRetiring = false;
        _shards.Forget();
        ReplicaLog.Unloaded(_logger, Key);
    }

    private async Task RaiseEpochAsync(Claimant holder)
    {
        await _store.WriteAsync(state =>
            (state.Epoch, state.Holder, state.HolderAddress, state.HolderSocket) = (state.Epoch + 1, holder.GatewayId, holder.Address, holder.Socket));
        ReplicaLog.Holder(_logger, Key, holder.GatewayId, _store.Epoch);
    }

    private CoordinatorLease Claim(bool granted) => new()
    {
        Granted = granted,
        Holder = _claim.Holder.GatewayId,
        HolderAddress = _claim.Holder.Address,
        Epoch = _store.Epoch,
        ExpiresAt = _claim.ExpiresAt,
        IsTakeover = _claim.IsTakeover,
        Placement = _shards.Current,
    };

    private void Wake() => _timer?.Change(TimeSpan.Zero, Tick);

    private async Task ReconcileAsync()
    {
        _context.Workers.Update(await Directory.List());
        if (_isDoubted)
        {
            await CheckWorkersAsync();
        }
        await ClaimAgainAsync();
        await HoldReportedAsync();
        if (_store.State.Definition is { } definition && !_isRetiring)
        {
            _plans.Prepare(definition);
            await _shards.LookAsync(definition);
            if (_shards.IsIdle && _store.Placement is { } placement)
            {
                await _draft.LookAsync(definition, placement);
            }
        }
        if (_releasing.IsCompleted)
        {
            _releasing = ReleaseAsync();
        }
    }

    /// <summary>After a broken stream, asks whether the placement's workers are still there.</summary>
    private async Task CheckWorkersAsync()
    {
        _isDoubted = false;
        IEnumerable<string> workers = _store.State.Placement?.Shards.Select(s => s.WorkerId).Distinct(StringComparer.Ordinal) ?? [];
        await Task.WhenAll(workers.Select(id => GrainFactory.GetGrain<IWorkerGrain>(id).Check()));
        _context.Workers.Update(await Directory.List());
    }

    /// <summary>What a worker holds and nobody knows of is known from now on, and so freed.</summary>
    private async Task HoldReportedAsync()
    {
        _context.Reports.Look(_shards.IsIdle && _draft.IsIdle && _releasing.IsCompleted);
        if (_context.Reports.Unknown is { Count: > 0 } unknown)
        {
            ReplicaLog.Unknown(_logger, Key, string.Join(", ", unknown.Select(shard => $"{shard.Replica} {shard.Index} on {shard.WorkerId}")));
            await _store.HoldAsync(unknown);
        }
    }

    /// <summary>The directory's claims end with its silo.</summary>
    private async Task ClaimAgainAsync()
    {
        bool IsMissing(string replica, List<MemoryClaim> claims) => claims.Count > 0 && _shards.IsIdle && _draft.IsIdle
            && claims.All(c => _context.Workers.Find(c.WorkerId)?.Claims.All(known => known.Replica != replica) ?? false);
        if (IsMissing(Key, _store.State.Claims))
        {
            await Directory.Claim(Key, _store.State.Claims.ToArray());
        }
        if (IsMissing(_context.Placer.DraftReplica, _store.State.DraftClaims))
        {
            await Directory.Claim(_context.Placer.DraftReplica, _store.State.DraftClaims.ToArray());
        }
    }

    private async Task ReleaseAsync()
    {
        if (!await _releaser.ReleaseAsync() || !_shards.IsIdle)
        {
            return;
        }
        if (_store.State is { Placement: null, Claims.Count: > 0 } && !_store.State.Held.Any(held => held.Replica != _context.Placer.DraftReplica && _context.Workers.CanFree(held)))
        {
            // Others may have what was freed, while this one waits for workers.
            await _store.WriteAsync(state => state.Claims = []);
        }
        if (_shards.IsIdle)
        {
            await Directory.Claim(Key, _store.State.Claims.ToArray());
        }
    }
}
