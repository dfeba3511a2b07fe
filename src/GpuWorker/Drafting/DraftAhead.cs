using System.Diagnostics;
using Winnow.GpuWorker.Devices;
using Winnow.GpuWorker.Engine;
using Winnow.GpuWorker.Wire;
using Winnow.Inference.Drafting;

namespace Winnow.GpuWorker.Drafting;

/// <summary>
/// Drafting ahead for one session, pass by pass: after each it goes to the end of the device's queue, so that whatever waits there comes first. Pushes branches when they are
/// complete, or as they are when their time is over. Only on the device's loop.
/// </summary>
internal sealed partial class DraftAhead(DraftSession session) : DeviceWork
{
    private readonly Dictionary<long, long> _deadlines = [];
    private readonly List<long> _expired = [];
    private readonly List<DraftBranch> _finished = [];
    private DeviceLoop? _device;
    private ILogger? _logger;
    private bool _isQueued;
    private TimeSpan _spent;

    /// <summary>A round has been answered: goes on with what it said to draft ahead.</summary>
    public void Begin(IReadOnlyList<DraftQuery> queries, IReadOnlyList<long> closes, DeviceLoop device, ILogger logger)
    {
        _device = device;
        _logger = logger;
        foreach (long sequence in closes)
        {
            _deadlines.Remove(sequence);
        }
        foreach (DraftQuery query in queries)
        {
            _deadlines[query.Sequence] = Stopwatch.GetTimestamp() + (long)(query.AheadTime.TotalSeconds * Stopwatch.Frequency);
        }
        Queue();
    }

    /// <summary>There may be more to draft for what it was told before.</summary>
    public void Resume()
    {
        if (_device is not null)
        {
            Queue();
        }
    }

    /// <inheritdoc/>
    public override void Run()
    {
        _isQueued = false;
        if (session.Token.IsCancellationRequested)
        {
            return;
        }
        long began = Stopwatch.GetTimestamp();
        IDraftEngine engine = session.Host.EngineFor(session);
        try
        {
            FlushExpired(engine, began);
            engine.Advance(_finished, session.Token);
        }
        catch (OperationCanceledException) when (session.Token.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception) when (exception is not DeviceException)
        {
            // Branches are only guesses of guesses: the rounds go on without them.
            LogFailed(_logger!, exception, session.Host.Replica);
            engine.ClearAhead();
        }
        _spent += Stopwatch.GetElapsedTime(began);
        Push();
        Queue();
    }

    /// <inheritdoc/>
    public override void Abandon(Exception reason)
    {
        // Nobody waits for branches.
    }

    private void Queue()
    {
        if (!_isQueued && session.Host.EngineFor(session).HasAhead)
        {
            _isQueued = _device!.TryEnqueue(this);
        }
    }

    private void FlushExpired(IDraftEngine engine, long now)
    {
        _expired.Clear();
        foreach ((long sequence, long deadline) in _deadlines)
        {
            if (deadline <= now)
            {
                _expired.Add(sequence);
            }
        }
        foreach (long sequence in _expired)
        {
            engine.FlushAhead(sequence, _finished);
            _deadlines.Remove(sequence);
        }
    }

    private void Push()
    {
        if (_finished.Count == 0)
        {
            return;
        }
        WorkerMetrics.DraftBranches.Inc(_finished.Count);
        session.Push(DraftCodec.Encode(session.Host.Replica, _finished, (long)_spent.TotalMicroseconds));
        _finished.Clear();
        _spent = TimeSpan.Zero;
    }

    [LoggerMessage(EventId = 2402, Level = LogLevel.Error, Message = "Drafting ahead for replica {Replica} threw.")]
    private static partial void LogFailed(ILogger logger, Exception exception, string replica);
}
