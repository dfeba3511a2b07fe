using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Prometheus;
using Winnow.Contracts.Grains;

namespace Winnow.Gateway.Coordination.Remote;

/// <summary>
/// Writes checkpoints to session grains in the background, several sessions at once. When the silo is slow, one write takes all tokens that came
/// meanwhile; when it is away, writes are repeated until it is back.
/// </summary>
internal sealed partial class SessionCheckpointer : ISessionCheckpoints, IAsyncDisposable
{
    /// <summary>A write that failed so often in a row is given up; the choice's next tokens try again.</summary>
    internal const int MaxAttempts = 60;

    private const int Writers = 16;
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LastTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly Counter Written = Metrics.CreateCounter(GatewayMetrics.Checkpoints, "Checkpoints written.");
    private static readonly Counter Failed = Metrics.CreateCounter(GatewayMetrics.CheckpointFailures, "Attempts to write a checkpoint that failed.");
    private static readonly Counter Tokens = Metrics.CreateCounter(GatewayMetrics.CheckpointTokens, "Tokens sent with checkpoints, without prompts.");

    private readonly Func<string, ISessionGrain> _sessions;
    private readonly TimeProvider _time;
    private readonly ILogger<SessionCheckpointer> _logger;

    /// <summary>Choices with something to write, each at most once.</summary>
    private readonly Channel<SessionLog> _waiting = Channel.CreateUnbounded<SessionLog>();

    /// <summary>Choices whose last write failed, until they wait again; also the lock of itself.</summary>
    private readonly HashSet<SessionLog> _resting = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Outage _outage;
    private readonly Task _writing;

    /// <summary>Starts writing.</summary>
    /// <param name="sessions">A session's grain by its request id.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public SessionCheckpointer(Func<string, ISessionGrain> sessions, TimeProvider time, ILogger<SessionCheckpointer> logger)
    {
        _sessions = sessions;
        _time = time;
        _logger = logger;
        _outage = new Outage(time);
        _writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(WriteAllAsync)));
    }

    /// <inheritdoc />
    public ISessionLog Open(SessionHead head, IReadOnlyList<int> generated, long run) => new SessionLog(head, generated, run, log => _waiting.Writer.TryWrite(log));

    /// <summary>Writes what waits, each once, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        lock (_resting)
        {
            foreach (SessionLog log in _resting)
            {
                _waiting.Writer.TryWrite(log);
            }
            _resting.Clear();
            _waiting.Writer.TryComplete();
        }
        await _writing.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task WriteAllAsync()
    {
        await foreach (SessionLog log in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            bool more = true;
            while (more)
            {
                more = await WriteAsync(log).ConfigureAwait(false);
            }
        }
    }

    private async Task<bool> WriteAsync(SessionLog log)
    {
        SessionCheckpoint checkpoint = log.Next();
        try
        {
            int held = await _sessions(log.Head.RequestId).Checkpoint(checkpoint)
                .WaitAsync(_stopping.IsCancellationRequested ? LastTimeout : WriteTimeout, _time).ConfigureAwait(false);
            Written.Inc();
            Tokens.Inc(checkpoint.Tokens.Count);
            NoteEnd(log);
            return log.Confirm(checkpoint, held);
        }
        catch (Exception exception)
        {
            Failed.Inc();
            if (_outage.Failed(log))
            {
                LogNotWritten(_logger, log.Head.RequestId, log.Head.Choice, exception.Message);
            }
            if (log.Fail() < MaxAttempts)
            {
                _ = RetryAsync(log);
            }
            else
            {
                log.Rest();
                NoteEnd(log);
            }
            return false;
        }
    }

    private void NoteEnd(SessionLog log)
    {
        if (_outage.Ended(log) is { } outage)
        {
            LogWrittenAgain(_logger, outage.Lasted.TotalSeconds, outage.Failures);
        }
    }

    // Not by the writer itself: sessions that cannot be written must not keep it from others.
    private async Task RetryAsync(SessionLog log)
    {
        lock (_resting)
        {
            _resting.Add(log);
        }
        await Task.Delay(RetryDelay, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_resting)
        {
            if (_resting.Remove(log))
            {
                _waiting.Writer.TryWrite(log);
            }
        }
    }

    [LoggerMessage(3170, LogLevel.Warning, "The checkpoint of request {RequestId} choice {Choice} was not written. Said once, until none fails any more: {Reason}")]
    private static partial void LogNotWritten(ILogger logger, string requestId, int choice, string reason);

    [LoggerMessage(3171, LogLevel.Information, "No checkpoint fails any more, after {Seconds:0.0} s in which {Failures} attempts to write one did")]
    private static partial void LogWrittenAgain(ILogger logger, double seconds, long failures);
}
