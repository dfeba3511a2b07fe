using System.Diagnostics;
using System.Threading.Channels;
using Winnow.Contracts.V1;
using Winnow.Inference.Drafting;

namespace Winnow.GpuWorker.Pipeline;

/// <summary>
/// The life of one step stream at one shard: what the call, the device's loop, the link to the next shard and the results stream share.
/// The first failure wins and ends them all.
/// </summary>
/// <remarks>
/// Nothing here needs disposing: a late reader of results may fail a session whose call is over, so its token source must outlive the call.
/// </remarks>
public sealed class StepSession
{
    private readonly CancellationTokenSource _end;
    private readonly SemaphoreSlim _window;
    private readonly int _windowSize;
    private readonly Channel<StepAck> _acks = Channel.CreateUnbounded<StepAck>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Channel<OutboundStep> _outbound = Channel.CreateUnbounded<OutboundStep>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Channel<StepResult> _results;
    private WorkerFault? _fault;
    private long _faultStep;
    private int _bound;
    private long _lastEnd;

    /// <summary>Begins a session.</summary>
    /// <param name="host">The shard.</param>
    /// <param name="epoch">Epoch of every message.</param>
    /// <param name="limits">Steps in flight and results waiting.</param>
    /// <param name="call">Cancelled when the call is.</param>
    public StepSession(ShardHost host, long epoch, WorkerOptions limits, CancellationToken call)
    {
        Host = host;
        Epoch = epoch;
        _windowSize = limits.DeviceQueue;
        _window = new SemaphoreSlim(_windowSize, _windowSize);
        _results = Channel.CreateBounded<StepResult>(new BoundedChannelOptions(limits.ResultBuffer) { SingleWriter = true, SingleReader = true });
        _end = CancellationTokenSource.CreateLinkedTokenSource(call);
        Token = _end.Token;
    }

    /// <summary>The shard.</summary>
    public ShardHost Host { get; }

    /// <summary>Epoch of every message of this session.</summary>
    public long Epoch { get; }

    /// <summary>Cancelled when the session is over; reaches the kernels.</summary>
    public CancellationToken Token { get; }

    /// <summary>Why the session failed, or <see langword="null"/>.</summary>
    public WorkerFault? Fault => Volatile.Read(ref _fault);

    /// <summary>Step that failed, 0 when no single step did.</summary>
    public long FaultStep => Volatile.Read(ref _faultStep);

    /// <summary>Whether a results stream reads this session.</summary>
    public bool IsBound => Volatile.Read(ref _bound) != 0;

    /// <summary>Acks to write upstream. There are never more than the window, so the channel needs no bound of its own.</summary>
    public ChannelReader<StepAck> Acks => _acks.Reader;

    /// <summary>Steps to hand on. There are never more than the window.</summary>
    public ChannelReader<OutboundStep> Outbound => _outbound.Reader;

    /// <summary>Results in step order; complete when the session is over.</summary>
    public ChannelReader<StepResult> Results => _results.Reader;

    /// <summary>Gives the session its reader of results.</summary>
    public void Bind(ResultSubscription subscription)
    {
        Volatile.Write(ref _bound, 1);
        subscription.Begin(this);
    }

    /// <summary>Waits for room for one more step in flight.</summary>
    public Task EnterAsync() => _window.WaitAsync(Token);

    /// <summary>A step that was started at a timestamp ends now. What it shared with the step before counts for that one. Only on the device's loop.</summary>
    public TimeSpan Took(long began)
    {
        long end = Stopwatch.GetTimestamp();
        TimeSpan took = Stopwatch.GetElapsedTime(Math.Max(began, _lastEnd), end);
        _lastEnd = end;
        return took;
    }

    /// <summary>A step's ack has been written.</summary>
    public void Leave() => _window.Release();

    /// <summary>Waits until every step has been acked.</summary>
    public async Task DrainAsync()
    {
        for (int i = 0; i < _windowSize; i++)
        {
            await _window.WaitAsync(Token);
        }
    }

    /// <summary>A step is done here.</summary>
    /// <param name="step">The step.</param>
    /// <param name="computeMicros">Time it took.</param>
    /// <param name="mirrors">What an early exit expects of it.</param>
    public void Ack(long step, long computeMicros, IEnumerable<Mirror>? mirrors = null) =>
        _acks.Writer.TryWrite(new StepAck { Step = step, ComputeMicros = computeMicros, Mirrors = { mirrors ?? [] } });

    /// <summary>A step goes to the next shard.</summary>
    public void HandOn(OutboundStep step) => _outbound.Writer.TryWrite(step);

    /// <summary>A step's result goes to the coordinator; <see langword="false"/> when too many wait.</summary>
    public bool Publish(StepResult result) => _results.Writer.TryWrite(result);

    /// <summary>No more steps will be handed on.</summary>
    public void CompleteOutbound() => _outbound.Writer.TryComplete();

    /// <summary>Ends the session with a fault; only the first one counts.</summary>
    /// <param name="fault">Why.</param>
    /// <param name="step">Step that failed, or 0.</param>
    public void Fail(WorkerFault fault, long step = 0)
    {
        if (Interlocked.CompareExchange(ref _fault, fault, null) is not null)
        {
            return;
        }
        Volatile.Write(ref _faultStep, step);
        Complete();
        _end.Cancel();
    }

    /// <summary>Nothing more comes; readers finish what is there.</summary>
    public void Complete()
    {
        _acks.Writer.TryComplete();
        _outbound.Writer.TryComplete();
        _results.Writer.TryComplete();
    }
}

/// <summary>A step on its way to the next shard.</summary>
/// <param name="Message">The message; its hidden states lie in <paramref name="Buffer"/>.</param>
/// <param name="Buffer">Rented buffer, returned when the message has been written.</param>
/// <param name="Bytes">Bytes of hidden states.</param>
/// <param name="ComputeMicros">Time the step took here.</param>
/// <param name="Mirrors">What an early exit expects of it.</param>
public readonly record struct OutboundStep(StepMessage Message, byte[] Buffer, int Bytes, long ComputeMicros, IReadOnlyList<DraftMirror> Mirrors);
