using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using Winnow.Contracts.Grains;
using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Drafting.Heads;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Silo.Placement;

namespace Winnow.Silo.Grains;

/// <summary>
/// One model: places its shards when the workers are there, places them anew when one is lost, and grants the right to coordinate.
/// </summary>
/// <remarks>
/// Placing takes as long as loading does, so it runs in an interleaving timer: calls are answered meanwhile. The epoch is on disk before
/// anyone hears of it.
/// </remarks>
internal sealed partial class ModelGrain : Grain, IModelGrain
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private readonly IPersistentState<ModelState> _state;
    private readonly ModelFiles _files;
    private readonly SiloOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ModelGrain> _logger;
    private readonly CoordinatorClaim _claim = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private IGrainTimer? _timer;
    private ReplicaPlacer? _placer;
    private ModelPhase _phase = ModelPhase.WaitingForWorkers;
    private string _detail = "The model is not defined.";
    private PlacementPlan? _plan;
    private ReplicaPlacement? _placement;
    private DateTimeOffset? _firstWorker;
    private DateTimeOffset _notBefore;
    private TimeSpan _retry = FirstRetry;
    private bool _hasServed;
    private bool _workersChanged;
    private int _shardsLoaded;

    public ModelGrain(
        [PersistentState("model")] IPersistentState<ModelState> state, ModelFiles files, IOptions<SiloOptions> options, TimeProvider time,
        ILogger<ModelGrain> logger)
    {
        (_state, _files, _options, _time, _logger) = (state, files, options.Value, time, logger);
    }

    private string Name => this.GetPrimaryKeyString();

    private ReplicaPlacer Placer => _placer ??= new ReplicaPlacer(GrainFactory);

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _timer = this.RegisterGrainTimer(
            _ => ReconcileAsync(), new GrainTimerCreationOptions(TimeSpan.Zero, Tick) { Interleave = true, KeepAlive = true });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Define(ModelDefinition definition)
    {
        if (definition != _state.State.Definition)
        {
            await WriteAsync(state => state.Definition = definition);
            _placement = null;
            SetPhase(ModelPhase.WaitingForWorkers, "Waiting for workers.");
        }
        await WorkersChanged();
    }

    /// <inheritdoc/>
    public async Task<ModelStatus> GetStatus()
    {
        PlacementPlan? plan = _phase == ModelPhase.Loading ? _plan : null;
        double loaded = plan is null ? 0 : await Placer.ProgressAsync(Name, plan);
        return new ModelStatus
        {
            Name = Name,
            Phase = _phase,
            Detail = _detail,
            Progress = _phase == ModelPhase.Ready ? 1 : loaded,
            Placement = Current(),
        };
    }

    /// <inheritdoc/>
    public Task WorkersChanged()
    {
        _workersChanged = true;
        _timer?.Change(TimeSpan.Zero, Tick);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<CoordinatorLease> AcquireLease(string gatewayId, string gatewayAddress)
    {
        DateTimeOffset now = _time.GetUtcNow();
        bool granted = _claim.IsOpenTo(gatewayId, now);
        if (granted)
        {
            if (_claim.Changes(gatewayId))
            {
                await RaiseEpochAsync();
                LogHolder(Name, gatewayId, _state.State.Epoch);
            }
            _claim.Take(gatewayId, gatewayAddress, now + TimeSpan.FromMilliseconds(_options.LeaseMs));
        }
        return new CoordinatorLease
        {
            Granted = granted,
            Holder = _claim.Holder,
            HolderAddress = _claim.HolderAddress,
            Epoch = _state.State.Epoch,
            ExpiresAt = _claim.ExpiresAt,
            Placement = Current(),
        };
    }

    /// <inheritdoc/>
    public Task ReleaseLease(string gatewayId)
    {
        _claim.Release(gatewayId);
        return Task.CompletedTask;
    }

    /// <summary>The placement under the newest epoch: workers take a newer one with the first step that carries it.</summary>
    private ReplicaPlacement? Current() => _phase == ModelPhase.Ready ? _placement! with { Epoch = _state.State.Epoch } : null;

    private async Task ReconcileAsync()
    {
        if (_state.State.Definition is not { } definition)
        {
            return;
        }
        IReadOnlyList<WorkerRecord> workers = await GrainFactory.GetGrain<IWorkerDirectoryGrain>(0).List();
        if (_phase == ModelPhase.Ready)
        {
            if (ReasonToMove(definition, workers) is not { } reason)
            {
                return;
            }
            LogMoving(Name, reason);
            _placement = null;
            SetPhase(ModelPhase.WaitingForWorkers, $"Placing again: {reason}.");
            (_notBefore, _retry) = (default, FirstRetry);
        }
        bool changed = _workersChanged;
        _workersChanged = false;
        if ((_phase == ModelPhase.Failed && !changed) || _time.GetUtcNow() < _notBefore)
        {
            _workersChanged |= changed;
            return;
        }
        PlanOutcome outcome = PlanFor(definition, [.. workers.Where(w => w.Health == WorkerHealth.Alive)]);
        if (outcome.Plan is { } plan)
        {
            await PlaceAsync(definition, plan);
        }
        else
        {
            if (outcome.IsPermanent && outcome.Reason != _detail)
            {
                SiloMetrics.PlacementFailures.WithLabels(Name).Inc();
                LogNotPlaced(Name, outcome.Reason);
            }
            SetPhase(outcome.IsPermanent ? ModelPhase.Failed : ModelPhase.WaitingForWorkers, outcome.Reason);
        }
    }

    /// <summary>Why a ready model must be placed again, or <see langword="null"/>.</summary>
    private string? ReasonToMove(ModelDefinition definition, IReadOnlyList<WorkerRecord> workers)
    {
        Dictionary<string, WorkerRecord> now = workers.ToDictionary(w => w.WorkerId, StringComparer.Ordinal);
        IEnumerable<WorkerRecord> used = _plan!.Shards.Select(s => s.Worker);
        foreach (WorkerRecord before in _plan.Draft is null ? used : used.Append(_plan.Draft))
        {
            WorkerRecord? worker = now.GetValueOrDefault(before.WorkerId);
            if (worker is null || worker.Incarnation != before.Incarnation || worker.Health is WorkerHealth.Dead or WorkerHealth.Draining)
            {
                string found = worker is null ? "unknown" : worker.Incarnation != before.Incarnation ? "restarted" : worker.Health.ToString();
                return $"worker '{before.WorkerId}' is {found.ToLowerInvariant()}";
            }
        }
        bool canDraft = definition.DraftPath is not null && workers.Any(w => w.Health == WorkerHealth.Alive && w.Roles.HasFlag(WorkerRoles.Draft));
        return _plan.Draft is null && canDraft ? "a draft worker has come" : null;
    }

    private PlanOutcome PlanFor(ModelDefinition definition, IReadOnlyList<WorkerRecord> workers)
    {
        if (workers.Count > 0)
        {
            _firstWorker ??= _time.GetUtcNow();
        }
        bool waited = _firstWorker is { } first && _time.GetUtcNow() - first >= TimeSpan.FromMilliseconds(_options.PlacementGraceMs);
        try
        {
            ModelFootprint target = _files.Measure(definition.ModelPath);
            ModelFootprint? draft = definition.DraftPath is null ? null : _files.Measure(definition.DraftPath);
            HeadConfiguration? head = definition.HeadPath is null ? null : ModelFiles.MeasureHead(definition.HeadPath, target.Configuration);
            ExitModel? exit = definition.ExitPath is null ? null : ModelFiles.MeasureExit(definition.ExitPath, definition.ModelPath);
            return PlacementPlanner.Plan(definition, target, draft, head, exit, workers, new PlanLatitude(_hasServed || waited, _hasServed || waited));
        }
        catch (Exception exception) when (exception is ModelFileException or IOException or UnauthorizedAccessException)
        {
            return PlanOutcome.Never(exception.Message);
        }
    }

    private async Task PlaceAsync(ModelDefinition definition, PlacementPlan plan)
    {
        long began = _time.GetTimestamp();
        long epoch = await RaiseEpochAsync();
        _plan = plan;
        SetPhase(ModelPhase.Loading, $"{plan.Shards.Count} shards are loading on {plan.Shards.DistinctBy(s => s.Worker.WorkerId).Count()} workers.");
        try
        {
            await Placer.ReleaseAsync(Name, plan.Shards.Count, _shardsLoaded);
            _shardsLoaded = plan.Shards.Count;
            _placement = await Placer.PlaceAsync(definition, plan, epoch);
        }
        catch (Exception exception)
        {
            // Refusals come as PlacementException; whatever else a grain call may fail with (time-outs, a lost silo) passes with time.
            Fail(exception, (exception as PlacementException)?.IsPermanent == true);
            return;
        }
        if (definition != _state.State.Definition)
        {
            SetPhase(ModelPhase.WaitingForWorkers, "The model was defined anew while it loaded.");
            return;
        }
        _hasServed = true;
        _retry = FirstRetry;
        TimeSpan elapsed = _time.GetElapsedTime(began);
        SiloMetrics.Placements.WithLabels(Name).Inc();
        SiloMetrics.PlacementSeconds.Observe(elapsed.TotalSeconds);
        LogPlaced(Name, epoch, string.Join(", ", plan.Shards.Select(s => s.Worker.WorkerId)), plan.Draft?.WorkerId ?? "none", elapsed.TotalMilliseconds);
        bool lacksDraft = plan.Draft is null && definition.DraftPath is not null;
        SetPhase(ModelPhase.Ready, lacksDraft ? "Ready, without its draft model: no draft worker is there." : "Ready.");
    }

    private void Fail(Exception exception, bool isPermanent)
    {
        SiloMetrics.PlacementFailures.WithLabels(Name).Inc();
        LogNotPlaced(Name, exception.Message);
        SetPhase(isPermanent ? ModelPhase.Failed : ModelPhase.WaitingForWorkers, exception.Message);
        _notBefore = _time.GetUtcNow() + _retry;
        _retry = TimeSpan.FromMilliseconds(Math.Min(_retry.TotalMilliseconds * 2, _options.PlacementRetryMs));
    }

    private void SetPhase(ModelPhase phase, string detail)
    {
        (_phase, _detail) = (phase, detail);
        SiloMetrics.ModelReady.WithLabels(Name).Set(phase == ModelPhase.Ready ? 1 : 0);
        SiloMetrics.ModelEpoch.WithLabels(Name).Set(_state.State.Epoch);
    }

    private async Task<long> RaiseEpochAsync()
    {
        long epoch = 0;
        await WriteAsync(state => epoch = ++state.Epoch);
        return epoch;
    }

    /// <summary>Changes and writes the state. The timer interleaves with calls, so writes take turns.</summary>
    private async Task WriteAsync(Action<ModelState> change)
    {
        await _writing.WaitAsync();
        try
        {
            change(_state.State);
            await _state.WriteStateAsync();
        }
        finally
        {
            _writing.Release();
        }
    }
}
