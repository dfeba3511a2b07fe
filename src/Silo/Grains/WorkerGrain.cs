using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using Winnow.Contracts.Grains;
using Winnow.Silo.Control;
using Winnow.Silo.Placement;
using Winnow.Silo.Storage;

namespace Winnow.Silo.Grains;

/// <summary>One worker: its inventory, and its health by the age of its last beat and by whether anybody listens at its address.</summary>
internal sealed partial class WorkerGrain : Grain, IWorkerGrain
{
    /// <summary>Name of the records in the storage.</summary>
    internal const string StateName = "worker";

    private const int MostPeers = 32;
    private static readonly TimeSpan PeersEvery = TimeSpan.FromSeconds(5);
    private readonly IPersistentState<WorkerState> _state;
    private readonly WorkerProbe _probe;
    private readonly SiloOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<WorkerGrain> _logger;
    private readonly DateTimeOffset _bornAt;
    private WorkerRecord? _record;
    private IGrainTimer? _timer;
    private DateTimeOffset _peersAt;
    private bool _isLeaving;

    public WorkerGrain(
        [PersistentState(StateName)] IPersistentState<WorkerState> state, WorkerProbe probe, IOptions<SiloOptions> options, TimeProvider time,
        ILogger<WorkerGrain> logger)
    {
        _state = state;
        _probe = probe;
        _options = options.Value;
        _time = time;
        _logger = logger;
        _bornAt = time.GetUtcNow();
    }

    // Only that process: one that starts anew under the id is as good as any.
    private bool IsToDrain => _record is { } record && _state.State.DrainedInstance == record.Instance;

    private IWorkerDirectoryGrain Directory => GrainFactory.GetGrain<IWorkerDirectoryGrain>(0);

    /// <inheritdoc/>
    public async Task<long> Register(WorkerRecord worker)
    {
        await _state.ChangeAsync(_state.State with { Incarnation = _state.State.Incarnation + 1 });
        (_record, _isLeaving) = (worker with { Incarnation = _state.State.Incarnation, LastBeat = _time.GetUtcNow() }, false);
        _record = _record with { Health = IsToDrain ? WorkerHealth.Draining : WorkerHealth.Alive };
        _peersAt = default;
        Watch();
        SiloMetrics.Registrations.Inc();
        LogRegistered(_record.WorkerId, _record.Address, _record.Incarnation);
        await Directory.Update(_record);
        _ = TellReplicasAsync(_record);
        return _record.Incarnation;
    }

    /// <inheritdoc/>
    public async Task<BeatAnswer> Beat(WorkerBeat beat)
    {
        if (_record is null || _record.Incarnation != beat.Incarnation)
        {
            return new BeatAnswer { IsKnown = false };
        }
        _isLeaving = beat.Draining;
        WorkerHealth health = _isLeaving || IsToDrain ? WorkerHealth.Draining : WorkerHealth.Alive;
        _record = _record with { LastBeat = _time.GetUtcNow(), MemoryUsedBytes = beat.MemoryUsedBytes, Links = beat.Links, Shards = beat.Shards };
        SiloMetrics.Beats.Inc();
        Watch();
        if (!await SetHealthAsync(health))
        {
            // The directory forgets when its silo ends; beats tell it again.
            await Directory.Update(_record);
        }
        return new BeatAnswer { IsKnown = true, Peers = await PeersAsync() };
    }

    /// <inheritdoc/>
    public async Task StreamBroken(long incarnation)
    {
        if (_record is null || _record.Incarnation != incarnation)
        {
            return;
        }
        if (_record.Health == WorkerHealth.Alive)
        {
            await SetHealthAsync(WorkerHealth.Suspect);
        }
        await Check();
    }

    /// <inheritdoc/>
    public async Task Check()
    {
        if (_record is { Health: not WorkerHealth.Dead } && await _probe.IsRefusedAsync(_record.Address))
        {
            await DieAsync();
        }
    }

    /// <inheritdoc/>
    public async Task<bool> Drain()
    {
        if (_record is null or { Health: WorkerHealth.Dead })
        {
            return false;
        }
        await RememberDrainedAsync(_record.Instance);
        await SetHealthAsync(WorkerHealth.Draining);
        return true;
    }

    /// <inheritdoc/>
    public async Task<WorkerHealth?> Resume()
    {
        await RememberDrainedAsync(null);
        if (_record is { Health: WorkerHealth.Draining } && !_isLeaving)
        {
            await SetHealthAsync(WorkerHealth.Alive);
        }
        return _record?.Health;
    }

    /// <inheritdoc/>
    public Task<WorkerRecord?> Get() => Task.FromResult(_record);

    /// <summary>Wakes the replicas of which the worker holds something: one that was unloaded while the worker was away has that freed.</summary>
    private async Task TellReplicasAsync(WorkerRecord worker)
    {
        try
        {
            IEnumerable<string?> replicas = (worker.Shards ?? []).Select(shard => ReplicaPlacer.KeyOf(shard.Replica)).Where(key => key is not null).Distinct(StringComparer.Ordinal);
            await Task.WhenAll(replicas.Select(key => GrainFactory.GetGrain<IReplicaGrain>(key!).WorkersChanged()));
        }
        catch (Exception exception)
        {
            LogReplicasNotTold(worker.WorkerId, exception.Message);
        }
    }

    /// <inheritdoc/>
    /// <remarks>One that this activation never heard of had the time from its beginning to register: the silo has just started, or the grain has just moved.</remarks>
    public async Task Expire()
    {
        bool isDead = _record is null or { Health: WorkerHealth.Dead };
        if (!isDead || !_state.RecordExists || _time.GetUtcNow() - (_record?.LastBeat ?? _bornAt) < _options.ForgetWorkerAfter)
        {
            return;
        }
        string id = this.GetPrimaryKeyString();
        await Directory.Forget(id, _state.State.Incarnation);
        await _state.ClearStateAsync();
        _record = null;
        LogForgotten(id);
        DeactivateOnIdle();
    }

    private async Task RememberDrainedAsync(string? instance)
    {
        if (_state.State.DrainedInstance != instance)
        {
            await _state.ChangeAsync(_state.State with { DrainedInstance = instance });
        }
    }

    private void Watch()
    {
        TimeSpan interval = TimeSpan.FromMilliseconds(_options.BeatIntervalMs);
        _timer ??= this.RegisterGrainTimer(_ => JudgeAsync(), new GrainTimerCreationOptions(interval, interval) { KeepAlive = true });
    }

    /// <summary>Judges the worker by the age of its last beat, and a suspect one by whether it can be reached.</summary>
    private async Task JudgeAsync()
    {
        if (_record is null)
        {
            return;
        }
        WorkerHealth health = WorkerHealthRule.Judge(_record.Health, _time.GetUtcNow() - _record.LastBeat, _options);
        if (health == WorkerHealth.Dead)
        {
            await DieAsync();
            return;
        }
        await SetHealthAsync(health);
        if (health == WorkerHealth.Suspect)
        {
            await Check();
        }
    }

    private Task DieAsync()
    {
        _timer?.Dispose();
        _timer = null;
        return SetHealthAsync(WorkerHealth.Dead);
    }

    /// <summary>Takes a new health and tells the directory; <see langword="false"/> when it is no news.</summary>
    private async Task<bool> SetHealthAsync(WorkerHealth health)
    {
        if (_record is null || _record.Health == health)
        {
            return false;
        }
        if (health == WorkerHealth.Dead && _record.Health != WorkerHealth.Draining)
        {
            SiloMetrics.WorkersLost.Inc();
        }
        LogHealth(_record.WorkerId, _record.Health, health);
        _record = _record with { Health = health };
        await Directory.Update(_record);
        return true;
    }

    /// <summary>Now and then, whom to measure the way to.</summary>
    private async Task<string[]> PeersAsync()
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (now - _peersAt < PeersEvery)
        {
            return [];
        }
        _peersAt = now;
        IReadOnlyList<WorkerRecord> workers = await Directory.List();
        return [.. workers.Where(w => w.WorkerId != _record!.WorkerId && w.Health == WorkerHealth.Alive).Select(w => w.Address).Take(MostPeers)];
    }
}

/// <summary>What of a worker survives a restart of the silo.</summary>
[GenerateSerializer, Alias("Winnow.WorkerState")]
public sealed record WorkerState
{
    /// <summary>Version of this record.</summary>
    [Id(0)] public int Version { get; set; } = 1;

    /// <summary>Registrations so far.</summary>
    [Id(1)] public long Incarnation { get; set; }

    /// <summary><see cref="WorkerRecord.Instance"/> of the process that nothing is to be placed on; <see langword="null"/> for none.</summary>
    [Id(2)] public string? DrainedInstance { get; set; }
}
