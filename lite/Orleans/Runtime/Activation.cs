using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>
/// One grain in memory. Calls wait here for their turn, by Orleans' rules: one call at a time, unless the class or the calls allow
/// more. It comes up before its first call, ends by itself or when told, and hands calls that came too late to its successor.
/// </summary>
internal sealed class Activation : IActivation
{
    private readonly Lock _lock = new();
    private readonly ActivationScheduler _scheduler = new();
    private readonly List<GrainRequest> _waiting = [];
    private readonly List<GrainRequest> _running = [];
    private readonly List<GrainTimer> _timers = [];
    private readonly TaskCompletionSource _deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly GrainClass _class;
    private readonly Catalog _catalog;
    private AsyncServiceScope? _scope;
    private ActivationStage _stage;
    private DeactivationReason? _reason;
    private CancellationToken _deactivationToken;
    private DateTimeOffset _lastActivity;
    private DateTimeOffset _keepAliveUntil = DateTimeOffset.MinValue;

    internal Activation(GrainId grainId, GrainClass grainClass, Catalog catalog)
    {
        GrainId = grainId;
        _class = grainClass;
        _catalog = catalog;
        _lastActivity = catalog.Time.GetUtcNow();
    }

    /// <inheritdoc/>
    public GrainId GrainId { get; }

    /// <inheritdoc/>
    public object? GrainInstance { get; private set; }

    /// <inheritdoc/>
    public IServiceProvider ActivationServices => _scope?.ServiceProvider ?? _catalog.Services;

    /// <inheritdoc/>
    public Task Deactivated => _deactivated.Task;

    /// <inheritdoc/>
    public IGrainFactory GrainFactory => _catalog.GrainFactory;

    /// <inheritdoc/>
    public string SiloIdentity => _catalog.SiloIdentity;

    internal List<IStateReader> States { get; } = [];

    /// <inheritdoc/>
    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_reason is not null || _stage is ActivationStage.Dead)
            {
                return;
            }

            _reason = deactivationReason;
            _deactivationToken = cancellationToken;
            if (_stage is ActivationStage.Created)
            {
                _stage = ActivationStage.Active;
            }

            if (_stage is ActivationStage.Active)
            {
                BeginDeactivation();
            }
        }
    }

    /// <inheritdoc/>
    public IGrainTimer RegisterTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        var timer = new GrainTimer(this, _catalog.Time, callback, options);
        lock (_lock)
        {
            _timers.RemoveAll(known => known.IsDisposed);
            _timers.Add(timer);
        }

        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    /// <inheritdoc/>
    public void DelayDeactivation(TimeSpan timeSpan)
    {
        lock (_lock)
        {
            _keepAliveUntil = timeSpan == Timeout.InfiniteTimeSpan
                ? DateTimeOffset.MaxValue
                : timeSpan > TimeSpan.Zero ? _catalog.Time.GetUtcNow() + timeSpan : DateTimeOffset.MinValue;
        }
    }

    /// <inheritdoc/>
    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    /// <inheritdoc/>
    public override int GetHashCode() => GrainId.GetHashCode();

    /// <summary>Takes a request; <see langword="false"/> when the activation has ended and another one is to be made.</summary>
    internal bool TryEnqueue(GrainRequest request)
    {
        lock (_lock)
        {
            if (_stage is ActivationStage.Dead)
            {
                return false;
            }

            if (request.IsTick && _reason is not null)
            {
                return true;
            }

            _waiting.Add(request);
            if (_stage is ActivationStage.Created)
            {
                _stage = ActivationStage.Activating;
                _scheduler.Run(ActivateAsync);
            }
            else
            {
                Admit();
            }

            return true;
        }
    }

    /// <summary>Runs something between the grain's other turns.</summary>
    internal void RunTurn(Func<Task> work) => _scheduler.Run(work);

    /// <summary>Deactivates when nothing has happened for the class's collection age.</summary>
    internal void CollectIfIdle(DateTimeOffset now)
    {
        lock (_lock)
        {
            bool idle = _stage is ActivationStage.Active && _running.Count == 0 && _waiting.Count == 0;
            if (!idle || now < _keepAliveUntil || now - _lastActivity < _catalog.CollectionAge(_class))
            {
                return;
            }
        }

        Deactivate(new DeactivationReason(DeactivationReasonCode.ActivationIdle, "The grain was idle for its collection age."));
    }

    /// <summary>Hears of exceptions that leave a call or tick.</summary>
    internal void OnException(Exception exception, GrainRequest request)
    {
        if (request.IsTick)
        {
            _catalog.Log.TickFailed(exception, GrainId);
        }

        if (exception is InconsistentStateException { IsSourceActivation: true } inconsistent)
        {
            // Marked, so that callers it passes through on its way are not deactivated too.
            inconsistent.IsSourceActivation = false;
            Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, exception, "The stored state is of another version."));
        }
    }

    private async Task ActivateAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(_catalog.Collection.ActivationTimeout, _catalog.Time);
            _scope = _catalog.Services.CreateAsyncScope();
            RuntimeContext.Current = this;
            try
            {
                GrainInstance = _class.Create(this);
            }
            finally
            {
                RuntimeContext.Current = null;
            }

            foreach (IStateReader state in States)
            {
                await state.ReadStateAsync();
            }

            await ((IGrainBase)GrainInstance).OnActivateAsync(timeout.Token).WaitAsync(timeout.Token);
        }
        catch (Exception e)
        {
            _catalog.Log.ActivationFailed(e, GrainId);
            await EndAsync(e);
            return;
        }

        lock (_lock)
        {
            _stage = ActivationStage.Active;
            _lastActivity = _catalog.Time.GetUtcNow();

            // Also when it is to end already: the calls that made it come up are its own.
            Admit();
            if (_reason is not null)
            {
                BeginDeactivation();
            }
        }
    }

    private void Admit()
    {
        if (_stage is not ActivationStage.Active)
        {
            return;
        }

        for (int i = 0; i < _waiting.Count;)
        {
            GrainRequest request = _waiting[i];
            if (request.IsOver)
            {
                _waiting.RemoveAt(i);
            }
            else if (MayRun(request))
            {
                _waiting.RemoveAt(i);
                _running.Add(request);
                _scheduler.Run(() => RunAsync(request));
            }
            else
            {
                // Those behind it may pass when they are allowed to interleave.
                i++;
            }
        }
    }

    private bool MayRun(GrainRequest request)
    {
        if (_class.IsReentrant || request.IsAlwaysInterleave)
        {
            return true;
        }

        foreach (GrainRequest running in _running)
        {
            if (!running.IsAlwaysInterleave && !(running.IsReadOnly && request.IsReadOnly))
            {
                return false;
            }
        }

        return true;
    }

    private async Task RunAsync(GrainRequest request)
    {
        await request.RunAsync(this, GrainInstance!);
        lock (_lock)
        {
            _running.Remove(request);
            if (request.IsKeepAlive)
            {
                _lastActivity = _catalog.Time.GetUtcNow();
            }

            if (_stage is ActivationStage.Deactivating && _running.Count == 0)
            {
                _scheduler.Run(DeactivateAsync);
            }
            else
            {
                Admit();
            }
        }
    }

    // Not under the lock: disposing cancels tokens, and what grains registered on them runs at once.
    private static Task DisposeAll(GrainTimer[] timers)
    {
        Array.ForEach(timers, timer => timer.Dispose());
        return Task.CompletedTask;
    }

    private void BeginDeactivation()
    {
        _stage = ActivationStage.Deactivating;
        GrainTimer[] timers = [.. _timers];
        _timers.Clear();
        _scheduler.Run(() => DisposeAll(timers));
        if (_running.Count == 0)
        {
            _scheduler.Run(DeactivateAsync);
        }
    }

    private async Task DeactivateAsync()
    {
        if (GrainInstance is IGrainBase grain)
        {
            try
            {
                using var timeout = new CancellationTokenSource(_catalog.Collection.DeactivationTimeout, _catalog.Time);
                using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _deactivationToken);
                await grain.OnDeactivateAsync(_reason!.Value, linked.Token).WaitAsync(linked.Token);
            }
            catch (Exception e)
            {
                // It ends all the same; Orleans logs and goes on too.
                _catalog.Log.DeactivationFailed(e, GrainId);
            }
        }

        await EndAsync(failure: null);
    }

    private async Task EndAsync(Exception? failure)
    {
        await DisposeInstanceAsync();
        GrainRequest[] left;
        GrainTimer[] timers;
        lock (_lock)
        {
            _stage = ActivationStage.Dead;
            left = [.. _waiting];
            timers = [.. _timers];
            _waiting.Clear();
            _timers.Clear();
        }

        await DisposeAll(timers);
        _catalog.Remove(this);
        _deactivated.SetResult();
        foreach (GrainRequest request in left)
        {
            if (failure is not null)
            {
                request.Fail(failure);
            }
            else if (!request.IsTick && !request.IsOver)
            {
                _catalog.Dispatch(GrainId, request);
            }
        }
    }

    private async Task DisposeInstanceAsync()
    {
        try
        {
            if (GrainInstance is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync();
            }
            else
            {
                (GrainInstance as IDisposable)?.Dispose();
            }

            if (_scope is { } scope)
            {
                await scope.DisposeAsync();
            }
        }
        catch (Exception e)
        {
            _catalog.Log.DeactivationFailed(e, GrainId);
        }
    }
}
