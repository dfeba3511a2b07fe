using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Winnow.Gateway.Coordination.Calibration;
using Winnow.Gateway.Coordination.Drafting;
using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Coordination;

/// <summary>
/// The one loop that owns a model's running batch. Everything that happens elsewhere (requests, results, drafts, a lost replica) comes to it as
/// an event; between events it fills the shards with steps. No state of the batch is touched by any other thread, so there are no locks.
/// </summary>
internal sealed partial class CoordinatorLoop
{
    private static readonly TimeSpan MostRefusalWait = TimeSpan.FromMinutes(1);

    private readonly IReplicaSource _source;
    private readonly CoordinatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<Exception>? _onFatal;
    private readonly Channel<LoopEvent> _inbox;
    private readonly ArrivalQueue _arrivals;
    private readonly QueuePace _queuePace;
    private readonly CoordinatorInstruments _instruments;
    private readonly RunningBatch _batch;
    private readonly Speculator _speculator;
    private readonly StepBuilder _builder;
    private readonly StepCommitter _committer;
    private readonly CheckpointPolicy _checkpoints;
    private readonly ReplicaCalibration _calibration;
    private readonly StepPace _pace = new();
    private readonly Queue<StepInFlight> _inFlight = new();
    private readonly Stack<StepInFlight> _spare = new();
    private readonly List<RunningSequence> _group = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _recovery;
    private Replica? _replica;
    private Task<Replica?> _acquiring = Task.FromResult<Replica?>(null);
    private GenerationException? _refusal;
    private long _replicaOrdinal;
    private long _step;
    private long _calibratedUntil;
    private bool _calibrationFailed;
    private bool _isRecovering;
    private bool _draining;
    private bool _stopped;
    private volatile CoordinatorStatus? _status;
    private volatile PipelineShape? _shape;
    private volatile bool _closed;

    /// <summary>Prepares a loop; <see cref="RunAsync"/> starts it.</summary>
    public CoordinatorLoop(
        string model,
        IReplicaSource source,
        CoordinatorOptions options,
        TimeProvider time,
        ILogger logger,
        ISessionCheckpoints? checkpoints,
        Action<Exception>? onFatal,
        int replica = 0)
    {
        _onFatal = onFatal;
        _source = source;
        _options = options;
        _time = time;
        _logger = logger;
        _inbox = Channel.CreateUnbounded<LoopEvent>(new UnboundedChannelOptions { SingleReader = true });
        _arrivals = new ArrivalQueue(options.MaxQueue);
        _queuePace = new QueuePace(time);
        _instruments = new CoordinatorInstruments(model, replica);
        _batch = new RunningBatch(options, _instruments);
        _speculator = new Speculator(model, options, time, _inbox.Writer, logger);
        _calibration = new ReplicaCalibration(model, options, time, logger, replica);
        _builder = new StepBuilder(_batch, options);
        _checkpoints = new CheckpointPolicy(model, checkpoints, options, time);
        _batch.Paused = _checkpoints.Leave;
        _committer = new StepCommitter(_batch, _speculator, _checkpoints, options, _instruments, _queuePace, logger);
        _recovery = time.CreateTimer(_ => Post(new LoopEvent(LoopEventKind.RecoveryExpired)), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _source.StandbyChanged += () => Post(new LoopEvent(LoopEventKind.Wake));
    }

    /// <summary>The replica's sizes, or <see langword="null"/> while there is none. Any thread may read it.</summary>
    public PipelineShape? Shape => _shape;

    /// <summary>Counts of the last step. Any thread may read them.</summary>
    public CoordinatorStatus? Status => _status;

    /// <summary>Makes the drafters from tokens; set before the loop starts.</summary>
    public Func<int, IReadOnlyList<ITokenDrafter>> Drafters
    {
        get => _speculator.Chooser.FromTokens;
        set => _speculator.Chooser.FromTokens = value;
    }

    /// <summary>Completed with the first replica's sizes.</summary>
    public TaskCompletionSource<PipelineShape> Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Requests fail until there is a replica again. Any thread may read it.</summary>
    public bool IsRefusing => Volatile.Read(ref _refusal) is not null;

    /// <summary>The loop has ended. Any thread may read it.</summary>
    public bool IsClosed => _closed;

    /// <summary>Queues a sequence; <see langword="false"/> when the queue is full. Any thread may call it.</summary>
    public bool TryQueue(RunningSequence sequence)
    {
        if (!_arrivals.TryAdd(sequence))
        {
            return false;
        }
        Post(sequence.Request.TakesOver ? new LoopEvent(LoopEventKind.TakeOver, Payload: sequence) : new LoopEvent(LoopEventKind.Wake));
        return true;
    }

    /// <summary>Takes a sequence whose client has gone out of the queue, if it still waits there. Any thread may call it.</summary>
    public void Withdraw(RunningSequence sequence)
    {
        _arrivals.Remove(sequence);
        Post(new LoopEvent(LoopEventKind.Wake));
    }

    /// <summary>When a place in a full queue is expected to be free. Any thread may read it.</summary>
    public TimeSpan QueueWait => _queuePace.Wait;

    /// <summary>Tells the loop of an event. Any thread may call it.</summary>
    public void Post(LoopEvent loopEvent) => _inbox.Writer.TryWrite(loopEvent);

    /// <summary>Runs until stopped, or drained after <see cref="LoopEventKind.Drain"/>.</summary>
    public async Task RunAsync()
    {
        var end = new GenerationException(GenerationErrors.Unavailable, "The gateway is shutting down; try again on another one.");
        try
        {
            BeginAcquire();
            while (await TurnAsync().ConfigureAwait(false))
            {
                await _inbox.Reader.WaitToReadAsync().ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // A fault of the loop itself: nothing may hang on it, so that every request is told.
            LoopFailed(_logger, exception);
            _onFatal?.Invoke(exception);
            end = new GenerationException(GenerationErrors.Internal, "The coordinator failed; see the gateway's log.", exception);
        }
        await CloseAsync(end).ConfigureAwait(false);
    }

    private async ValueTask<bool> TurnAsync()
    {
        while (!_stopped && _inbox.Reader.TryRead(out LoopEvent loopEvent))
        {
            Handle(loopEvent);
        }
        if (_stopped)
        {
            return false;
        }
        Reap(_batch.Running);
        Reap(_batch.Waiting);
        WatchRecovery();
        TakeArrivals();
        await ScheduleAsync().ConfigureAwait(false);
        WatchRecovery();
        PublishStatus();
        return !(_draining && _batch.Running.Count == 0 && _batch.Waiting.Count == 0 && _arrivals.Count == 0);
    }

    private void Handle(LoopEvent loopEvent)
    {
        switch (loopEvent.Kind)
        {
            case LoopEventKind.TakeOver:
                GiveWayTo((RunningSequence)loopEvent.Payload!);
                break;
            case LoopEventKind.GiveWay:
                GiveWayTo((RunName)loopEvent.Payload!, loopEvent.Number);
                break;
            case LoopEventKind.ReplicaReady when loopEvent.Number == _replicaOrdinal:
                Attach((Replica)loopEvent.Payload!);
                break;
            case LoopEventKind.ReplicaRefused when loopEvent.Number == _replicaOrdinal:
                Refuse((Exception)loopEvent.Payload!);
                break;
            case LoopEventKind.RecoveryExpired when _refusal is null && IsReplicaAwaited:
                Expire();
                break;
            case LoopEventKind.Result when loopEvent.Number == _replicaOrdinal:
                TakeResult((StepResult)loopEvent.Payload!);
                break;
            case LoopEventKind.PipelineEnded when loopEvent.Number == _replicaOrdinal:
                Detach((Exception?)loopEvent.Payload);
                break;
            case LoopEventKind.Drafts:
                _speculator.Accept(loopEvent.Number, (DraftAnswer)loopEvent.Payload!);
                break;
            case LoopEventKind.DraftsLate:
                _speculator.GiveUpLate();
                break;
            case LoopEventKind.Branches:
                _speculator.TakeBranches();
                break;
            case LoopEventKind.Mirrors when loopEvent.Number == _replicaOrdinal:
                _speculator.Mirror((IReadOnlyList<DraftMirror>)loopEvent.Payload!, _batch.Running);
                break;
            case LoopEventKind.Drain:
                _draining = true;
                break;
            case LoopEventKind.Stop:
                _stopped = true;
                break;
        }
    }

    // ---- Requests ----

    private void Reap(List<RunningSequence> sequences)
    {
        for (int i = sequences.Count - 1; i >= 0; i--)
        {
            if (sequences[i].IsCancelled && !sequences[i].InFlight)
            {
                _committer.End(sequences[i], error: null);
            }
        }
    }

    private void GiveWayTo(RunningSequence newer) => GiveWay([.. _batch.Running, .. _batch.Waiting], RunName.Of(newer.Request), newer.Id, newer);

    private void GiveWayTo(RunName elsewhere, long before) => GiveWay([.. _batch.Running, .. _batch.Waiting, .. _arrivals.All()], elsewhere, before, newer: null);

    // A run of a higher number is the newer one, whichever came here first: the session is its own.
    private static void GiveWay(List<RunningSequence> sequences, RunName run, long before, RunningSequence? newer)
    {
        foreach (RunningSequence other in sequences)
        {
            if (run.IsOfChoice(other.Request))
            {
                RunningSequence? older = other.Request.Run > run.Run ? newer : other.Id < before ? other : null;
                older?.GiveWay();
            }
        }
    }

    private void TakeArrivals()
    {
        while ((_refusal is not null || (_batch.Shape is not null && _batch.Running.Count + _batch.Waiting.Count < _options.MaxSequences))
            && _arrivals.TryTake() is { } sequence)
        {
            GenerationException? error = sequence.IsCancelled ? null : _refusal ?? Admission.Refusal(sequence.Request, _batch.Shape!);
            if (sequence.IsCancelled || error is not null)
            {
                sequence.Output.Writer.TryComplete(error);
                continue;
            }
            if (sequence.Request.TakesOver)
            {
                // The older run may have waited with it.
                GiveWayTo(sequence);
            }
            _batch.Add(sequence);
        }
    }

    private void FailWaiting(Func<RunningSequence, GenerationException?> errorFor)
    {
        for (int i = _batch.Waiting.Count - 1; i >= 0; i--)
        {
            if (errorFor(_batch.Waiting[i]) is { } error)
            {
                _committer.End(_batch.Waiting[i], error);
            }
        }
    }

    private async Task CloseAsync(GenerationException end)
    {
        _closed = true;
        _shape = null;
        Ready.TrySetException(end);
        await _recovery.DisposeAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        _speculator.Dispose();
        _arrivals.Complete();
        foreach (RunningSequence sequence in _batch.Running)
        {
            _checkpoints.Leave(sequence);
            sequence.Output.Writer.TryComplete(end);
        }
        foreach (RunningSequence sequence in _batch.Waiting)
        {
            _checkpoints.Leave(sequence);
            sequence.Output.Writer.TryComplete(end);
        }
        while (_arrivals.TryTake() is { } sequence)
        {
            sequence.Output.Writer.TryComplete(end);
        }
        _instruments.SetBatch(0, 0, 0);
        Replica? acquired = await _acquiring.ConfigureAwait(false);
        Replica? last = _replica ?? acquired;
        if (last is not null)
        {
            await DisposeAsync(last).ConfigureAwait(false);
        }
        if (_source is IAsyncDisposable source)
        {
            await source.DisposeAsync().ConfigureAwait(false);
        }
        _stop.Dispose();
    }

    private void PublishStatus()
    {
        int blocks = _batch.Shape?.BlockCount ?? 0;
        int inUse = blocks == 0 ? 0 : blocks - _batch.Blocks.Available;
        int waiting = _batch.Waiting.Count + _arrivals.Count;
        _instruments.SetBatch(_batch.Running.Count, waiting, blocks == 0 ? 0 : (double)inUse / blocks);
        _status = new CoordinatorStatus
        {
            Running = _batch.Running.Count,
            Waiting = waiting,
            BlocksInUse = inUse,
            BlockCount = blocks,
            Steps = _step,
            Drafted = _committer.Drafted,
            Accepted = _committer.Accepted,
            AheadHits = _speculator.AheadHits,
            AheadMisses = _speculator.AheadMisses,
            AheadMirrorHits = _speculator.AheadMirrorHits,
            Generated = _committer.Generated,
            Pauses = _batch.Pauses,
            PrefixHits = _batch.PrefixHits,
            DraftTokens = _speculator.Chooser.Model.Lengths.Longest,
        };
    }
}
