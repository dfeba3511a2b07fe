using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using Winnow.Contracts.Grains;

namespace Winnow.Silo.Grains;

/// <summary>One worker: its inventory, and its health by the age of its last beat.</summary>
internal sealed partial class WorkerGrain : Grain, IWorkerGrain
{
    private readonly IPersistentState<WorkerState> _state;
    private readonly SiloOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<WorkerGrain> _logger;
    private WorkerRecord? _record;
    private IGrainTimer? _timer;

    public WorkerGrain(
        [PersistentState("worker")] IPersistentState<WorkerState> state, IOptions<SiloOptions> options, TimeProvider time, ILogger<WorkerGrain> logger)
    {
        _state = state;
        _options = options.Value;
        _time = time;
        _logger = logger;
    }

    private IWorkerDirectoryGrain Directory => GrainFactory.GetGrain<IWorkerDirectoryGrain>(0);

    /// <inheritdoc/>
    public async Task<long> Register(WorkerRecord worker)
    {
        _state.State.Incarnation++;
        await _state.WriteStateAsync();
        _record = worker with { Incarnation = _state.State.Incarnation, Health = WorkerHealth.Alive, LastBeat = _time.GetUtcNow() };
        TimeSpan interval = TimeSpan.FromMilliseconds(_options.BeatIntervalMs);
        _timer?.Dispose();
        _timer = this.RegisterGrainTimer(_ => CheckAsync(), new GrainTimerCreationOptions(interval, interval) { KeepAlive = true });
        SiloMetrics.Registrations.Inc();
        LogRegistered(_record.WorkerId, _record.Address, _record.Incarnation);
        await Directory.Update(_record);
        return _record.Incarnation;
    }

    /// <inheritdoc/>
    public async Task<bool> Beat(long incarnation, long memoryUsedBytes, bool draining)
    {
        if (_record is null || _record.Incarnation != incarnation)
        {
            return false;
        }
        _record = _record with { LastBeat = _time.GetUtcNow() };
        SiloMetrics.Beats.Inc();
        await SetHealthAsync(draining ? WorkerHealth.Draining : WorkerHealth.Alive);
        return true;
    }

    /// <inheritdoc/>
    public async Task StreamBroken(long incarnation)
    {
        if (_record is not { Health: WorkerHealth.Alive } || _record.Incarnation != incarnation)
        {
            return;
        }
        await SetHealthAsync(WorkerHealth.Suspect);
    }

    /// <inheritdoc/>
    public Task<WorkerRecord?> Get() => Task.FromResult(_record);

    /// <summary>Judges the worker by the age of its last beat.</summary>
    private async Task CheckAsync()
    {
        if (_record is null)
        {
            return;
        }
        WorkerHealth health = WorkerHealthRule.Judge(_record.Health, _time.GetUtcNow() - _record.LastBeat, _options);
        if (health == WorkerHealth.Dead)
        {
            _timer?.Dispose();
            _timer = null;
        }
        await SetHealthAsync(health);
    }

    private async Task SetHealthAsync(WorkerHealth health)
    {
        if (_record is null || _record.Health == health)
        {
            return;
        }
        if (health == WorkerHealth.Dead && _record.Health != WorkerHealth.Draining)
        {
            SiloMetrics.WorkersLost.Inc();
        }
        LogHealth(_record.WorkerId, _record.Health, health);
        _record = _record with { Health = health };
        await Directory.Update(_record);
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
}
