using Winnow.Contracts.Grains;

namespace Winnow.Silo.Placement;

/// <summary>
/// Keeps a replica's shards placed: anew when one is lost, elsewhere while they serve when a worker leaves, the definition changed or a better place
/// came. At most one operation at a time; it takes as long as loading does, beside the ticks.
/// </summary>
/// <param name="context">The replica.</param>
/// <param name="draft">Its draft model, which only the first placement waits for.</param>
internal sealed class ShardKeeper(ReplicaContext context, DraftKeeper draft)
{
    private readonly Backoff _retry = new(context.Time, context.Options.PlacementRetryMs);
    private TaskCompletionSource _changed = NewSignal();
    private Task _operation = Task.CompletedTask;
    private CancellationTokenSource _stop = new();
    private IReadOnlyList<HeldShard> _loading = [];
    private DateTimeOffset _leavingUntil;
    private DateTimeOffset? _firstWorker;
    private ReplicaPlacement? _last;
    private HashSet<string> _seen = new(StringComparer.Ordinal);
    private bool _isFinal;
    private bool _isStarting;
    private bool _isSwitching;
    private bool _hasServed;
    private bool _withoutExtras;

    /// <summary>How far it is.</summary>
    public ModelPhase Phase { get; private set; } = ModelPhase.WaitingForWorkers;

    /// <summary>One line for people.</summary>
    public string Detail { get; private set; } = "The model is not defined.";

    /// <summary>What is done without, for people.</summary>
    public IReadOnlyList<string> Notes { get; private set; } = [];

    /// <summary>Whether nothing is being loaded, nor memory claimed for it.</summary>
    public bool IsIdle => !_isStarting && _operation.IsCompleted;

    /// <summary>What is being loaded.</summary>
    public IReadOnlyList<HeldShard> Loading => _loading;

    /// <summary>What the last placement had and this one has not; the coordinator may still use it.</summary>
    public IReadOnlyList<HeldShard> Leaving { get; private set; } = [];

    /// <summary>What may be used now, or <see langword="null"/>.</summary>
    public ReplicaPlacement? Current => _isSwitching ? null : context.Store.Placement;

    /// <summary>Completed when <see cref="Current"/> or the epoch changes next.</summary>
    public Task Changed => _changed.Task;

    /// <summary>Goes on from what was on disk: workers and gateway may well have gone on without this silo.</summary>
    public void Restore()
    {
        if (context.Store.State.Placement is not null)
        {
            _hasServed = true;
            Show(ModelPhase.Ready, "Ready.");
        }
    }

    /// <summary>Something else is wanted, or the workers are others: what failed may work now.</summary>
    public void Encourage()
    {
        _isFinal = false;
        _retry.Reset();
    }

    /// <summary>The definition is a new one.</summary>
    public void Redefine()
    {
        _withoutExtras = false;
        Encourage();
        if (context.Store.State.Placement is null && IsIdle)
        {
            Show(ModelPhase.WaitingForWorkers, "Waiting for workers.");
        }
    }

    /// <summary>Nothing is wanted any more.</summary>
    public void Forget()
    {
        (_hasServed, _firstWorker, _last, Notes, Leaving) = (false, null, null, [], []);
        Show(ModelPhase.WaitingForWorkers, "The model is not defined.");
        Unpublish();
    }

    /// <summary>Takes the replica out of the metrics: it is no more, or another silo tells of it from now on.</summary>
    public void Unpublish()
    {
        SiloMetrics.ModelReady.RemoveLabelled(context.Model, context.Key);
        SiloMetrics.ModelEpoch.RemoveLabelled(context.Model, context.Key);
    }

    /// <summary>The coordinator has the newest placement: it leaves the one before alone.</summary>
    public void Followed() => _leavingUntil = default;

    /// <summary>Looks at the workers and starts what is needed.</summary>
    public async Task LookAsync(ModelDefinition definition)
    {
        if (Loss is not null && !IsIdle)
        {
            // A move, which nothing serves beside any more.
            _stop.Cancel();
            await _operation;
        }
        if (!IsIdle)
        {
            return;
        }
        if (context.Time.GetUtcNow() >= _leavingUntil && Leaving.Count > 0)
        {
            Leaving = [];
        }
        ReplicaPlacement? placement = context.Store.Placement;
        if (Loss is { } loss)
        {
            ReplicaLog.Lost(context.Logger, context.Key, loss);
            await AbandonAsync($"Placing again: {loss}.");
            placement = null;
        }
        if (placement is null)
        {
            await PlaceAnewAsync(definition);
        }
        else if (_retry.IsDue && !_isFinal)
        {
            await MoveIfNeededAsync(definition, placement);
        }
    }

    /// <summary>Stops serving: the placement is no more, and its epoch is over.</summary>
    public async Task AbandonAsync(string detail)
    {
        _last = context.Store.Placement;
        await context.Store.WriteAsync(state => (state.Epoch, state.Placement) = (state.Epoch + 1, null));
        Leaving = [];
        _retry.Reset();
        Show(ModelPhase.WaitingForWorkers, detail);
    }

    /// <summary>Which worker of the placement is lost, or <see langword="null"/>.</summary>
    private string? Loss => context.Store.State.Placement?.Shards
        .Select(shard => context.Workers.LossOf(shard) ?? context.Reports.LossOf(shard)).FirstOrDefault(loss => loss is not null);

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Places what does not serve. The shards that are left keep their layers, and their weights, when others can take what was lost.</summary>
    private async Task PlaceAnewAsync(ModelDefinition definition)
    {
        if (!_retry.IsDue || _isFinal)
        {
            return;
        }
        ModelDefinition wanted = Effective(definition);
        IReadOnlyList<WorkerRecord> usable = context.Workers.Usable;
        _seen = [.. usable.Select(w => w.Instance)];
        if (_last is { } last && !IsReshaped(definition) && context.Plans.Repair(last, usable, context.Key, Notes) is { } repair)
        {
            await StartAsync(() => PlaceAsync(definition, repair, last.Replica), repair, []);
            return;
        }
        PlanOutcome outcome = Plan(wanted, usable, context.Key);
        if (outcome.Plan is { } plan)
        {
            await StartAsync(() => PlaceAsync(definition, plan, context.Placer.ShardReplica(context.Store.State.Cut)), plan, []);
        }
        else
        {
            Refuse(outcome);
        }
    }

    private async Task MoveIfNeededAsync(ModelDefinition definition, ReplicaPlacement placement)
    {
        string? leaving = placement.Shards.Where(context.Workers.IsLeaving).Select(s => $"worker '{s.WorkerId}' is draining").FirstOrDefault();
        string? reason = leaving ?? (IsReshaped(definition) ? "it was defined anew" : null);
        bool joined = TakeJoined();
        if (reason is null && !joined)
        {
            return;
        }
        ModelDefinition wanted = Effective(definition);
        IReadOnlyList<WorkerRecord> usable = context.Workers.Usable;
        if (leaving is not null && !IsReshaped(definition) && context.Plans.Repair(placement, usable, context.Key, Notes) is { } repair)
        {
            await StartMoveAsync(definition, repair, placement.Replica, leaving);
            return;
        }
        PlanOutcome beside = Plan(wanted, usable, own: "");
        if (beside.Plan is { } plan && (reason is not null || IsBetter(plan, placement)))
        {
            await StartMoveAsync(definition, plan, context.Placer.ShardReplica(context.Store.State.Cut + 1), reason ?? "a better place has come");
        }
        else if (reason is not null && Plan(wanted, usable, context.Key) is { Plan: not null })
        {
            // There is no room for both at once.
            _last = null;
            ReplicaLog.Lost(context.Logger, context.Key, reason);
            await AbandonAsync($"Placing again: {reason}.");
            await PlaceAnewAsync(definition);
        }
        else if (reason is not null)
        {
            _retry.Fail();
            Show(ModelPhase.Ready, $"Ready, though {reason}: {beside.Reason}");
        }
    }

    private bool IsReshaped(ModelDefinition definition) =>
        context.Store.State.PlacedFor is { } placed && Shape(placed) != Shape(definition);

    /// <summary>What of a definition its shards depend on.</summary>
    private static ModelDefinition Shape(ModelDefinition definition) => definition with { Replicas = 1, DraftPath = null, StopHeadPath = null };

    /// <summary>Whether a process has come that was not there at the last look.</summary>
    private bool TakeJoined()
    {
        HashSet<string> now = [.. context.Workers.Usable.Select(w => w.Instance)];
        bool joined = _seen.Count > 0 && !now.IsSubsetOf(_seen);
        _seen = now;
        return joined;
    }

    private bool IsBetter(PlacementPlan plan, ReplicaPlacement placement) =>
        context.Plans.SlowestSeconds(placement, context.Workers, context.Key) is { } now
        && now > plan.SlowestSeconds * (1 + (context.Options.RebalanceGainPercent / 100.0));

    private ModelDefinition Effective(ModelDefinition definition) =>
        _withoutExtras ? definition with { HeadPath = null, ExitPath = null } : definition;

    private PlanOutcome Plan(ModelDefinition definition, IReadOnlyList<WorkerRecord> workers, string own)
    {
        if (workers.Count > 0)
        {
            _firstWorker ??= context.Time.GetUtcNow();
        }
        bool waited = _firstWorker is { } first && context.Time.GetUtcNow() - first >= TimeSpan.FromMilliseconds(context.Options.PlacementGraceMs);
        PlanOutcome outcome = context.Plans.Plan(definition, workers, own, new PlanLatitude(_hasServed || waited, _hasServed || waited));
        return !_withoutExtras || outcome.Plan is not { } plan ? outcome
            : PlanOutcome.Of(plan with { Notes = [.. plan.Notes, "Without its head and early exit: a worker refused them."] });
    }

    private void Refuse(PlanOutcome outcome)
    {
        _isFinal = outcome.IsPermanent;
        if (outcome.IsPermanent && outcome.Reason != Detail)
        {
            SiloMetrics.PlacementFailures.WithLabels(context.Model).Inc();
            ReplicaLog.NotPlaced(context.Logger, context.Key, outcome.Reason);
        }
        Show(outcome.IsPermanent ? ModelPhase.Failed : ModelPhase.WaitingForWorkers, outcome.Reason);
    }

    // ---- Operations ----

    private Task StartMoveAsync(ModelDefinition definition, PlacementPlan plan, string replica, string reason)
    {
        ReplicaLog.Moving(context.Logger, context.Key, reason);
        return StartAsync(() => MoveAsync(definition, plan, replica), plan, context.Store.State.Claims);
    }

    /// <summary>Claims the memory and starts loading, unless someone else was quicker to claim it.</summary>
    private async Task StartAsync(Func<Task> operation, PlacementPlan plan, IReadOnlyList<MemoryClaim> beside)
    {
        // A move that keeps the cut claims the same on the workers that stay.
        MemoryClaim[] all = [.. plan.Claims(context.Key).Union(beside)];
        MemoryClaim[] seen = [.. context.Workers.All.SelectMany(worker => worker.Claims)];
        _isStarting = true;
        try
        {
            if (await context.Directory.Claim(context.Key, all, seen))
            {
                _operation = GuardAsync(operation);
            }
            else
            {
                _retry.Fail();
                Show(context.Store.State.Placement is null ? ModelPhase.WaitingForWorkers : ModelPhase.Ready, "Another replica was quicker to claim the memory.");
            }
        }
        finally
        {
            _isStarting = false;
        }
    }

    private async Task GuardAsync(Func<Task> operation)
    {
        long began = context.Time.GetTimestamp();
        using CancellationTokenSource stop = new();
        _stop = stop;
        try
        {
            await operation();
            _retry.Reset();
            _hasServed = true;
            TimeSpan elapsed = context.Time.GetElapsedTime(began);
            SiloMetrics.Placements.WithLabels(context.Model).Inc();
            SiloMetrics.PlacementSeconds.Observe(elapsed.TotalSeconds);
            ReplicaPlacement placed = context.Store.Placement!;
            ReplicaLog.Placed(context.Logger, context.Key, placed.Epoch, string.Join(", ", placed.Shards.Select(s => s.WorkerId)),
                placed.Draft?.WorkerId ?? "none", elapsed.TotalMilliseconds);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            ReplicaLog.Stopped(context.Logger, context.Key);
        }
        catch (Exception exception)
        {
            // Refusals come as PlacementException; whatever else a grain call may fail with (time-outs, a lost silo) passes with time.
            await FailAsync(exception);
        }
        finally
        {
            (_loading, _isSwitching) = ([], false);
            Signal();
            context.Wake();
        }
    }

    private async Task PlaceAsync(ModelDefinition definition, PlacementPlan plan, string replica)
    {
        HeldShard[] targets = context.Placer.TargetsOf(plan, replica);
        _loading = targets;
        Show(ModelPhase.Loading, $"{targets.Length} shards are loading on {targets.DistinctBy(s => s.WorkerId).Count()} workers.");
        await context.Store.HoldAsync(targets, state => state.Epoch++);
        Task first = _hasServed || plan.Draft is null ? Task.CompletedTask : draft.PlaceAsync(definition, plan.Draft);
        ShardPlacement[] shards = await LoadAsync(plan, targets);
        await first;
        await PublishAsync(definition, plan, replica, shards);
    }

    /// <summary>Loads what is new while everything serves as before, then goes over to it in a new epoch.</summary>
    private async Task MoveAsync(ModelDefinition definition, PlacementPlan plan, string replica)
    {
        ReplicaPlacement before = context.Store.Placement!;
        HeldShard[] targets = context.Placer.TargetsOf(plan, replica);
        HeldShard[] serving = [.. ReplicaPlacer.HeldBy(before)];
        HeldShard[] added = [.. targets.Except(serving)];
        _loading = added;
        await context.Store.HoldAsync(added);
        ShardPlacement[] shards = await LoadAsync(plan, added);
        if (replica == before.Replica)
        {
            // The shards that stay get a new neighbour, and with it the new epoch: from here to the end nothing serves, which is short.
            _isSwitching = true;
            await context.Store.RaiseEpochAsync();
            shards = await LoadAsync(plan, targets);
        }
        else
        {
            await context.Store.WriteAsync(state => (state.Epoch, state.Cut) = (state.Epoch + 1, state.Cut + 1));
        }
        Leaving = [.. serving.Where(s => s.Replica == before.Replica).Except(targets)];
        _leavingUntil = context.Time.GetUtcNow() + TimeSpan.FromMilliseconds(context.Options.LeaseMs);
        await PublishAsync(definition, plan, replica, shards);
    }

    private Task<ShardPlacement[]> LoadAsync(PlacementPlan plan, IEnumerable<HeldShard> targets) =>
        Task.WhenAll(targets.Select(target => context.Placer.PlaceShardAsync(plan, target, context.Store.Epoch))).WaitAsync(_stop.Token);

    private async Task PublishAsync(ModelDefinition definition, PlacementPlan plan, string replica, ShardPlacement[] shards)
    {
        IReadOnlyList<MemoryClaim> claims = plan.Claims(context.Key);
        await context.Store.WriteAsync(state =>
        {
            state.Placement = new ReplicaPlacement
            {
                Replica = replica,
                DraftReplica = context.Placer.DraftReplica,
                Epoch = state.Epoch,
                Model = plan.Model,
                Shards = shards,
                KvBlocks = plan.KvBlocks,
                ContextTokens = plan.ContextTokens,
                ScratchTokens = plan.ScratchTokens,
            };
            (state.PlacedFor, state.Claims) = (definition, [.. claims]);
        });
        Notes = plan.Notes;
        _isSwitching = false;
        Show(ModelPhase.Ready, "Ready.");
    }

    private async Task FailAsync(Exception exception)
    {
        SiloMetrics.PlacementFailures.WithLabels(context.Model).Inc();
        ReplicaLog.NotPlaced(context.Logger, context.Key, exception.Message);
        bool isPermanent = (exception as PlacementException)?.IsPermanent == true;
        bool hasExtras = !_withoutExtras && context.Store.State.Definition is { } definition && (definition.HeadPath ?? definition.ExitPath) is not null;
        _withoutExtras |= isPermanent && hasExtras;
        _isFinal = isPermanent && !hasExtras;
        if (_isSwitching)
        {
            // Some shards have the new epoch and neighbour, others not.
            await AbandonAsync(exception.Message);
        }
        _retry.Fail();
        ModelPhase without = _isFinal ? ModelPhase.Failed : ModelPhase.WaitingForWorkers;
        Show(context.Store.State.Placement is null ? without : ModelPhase.Ready, exception.Message);
    }

    private void Show(ModelPhase phase, string detail)
    {
        (Phase, Detail) = (phase, detail);
        SiloMetrics.ModelReady.WithLabels(context.Model, context.Key).Set(phase == ModelPhase.Ready ? 1 : 0);
        SiloMetrics.ModelEpoch.WithLabels(context.Model, context.Key).Set(context.Store.Epoch);
        Signal();
    }

    private void Signal()
    {
        TaskCompletionSource changed = _changed;
        _changed = NewSignal();
        changed.TrySetResult();
    }
}
