using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Winnow.Contracts.Grains;

namespace Winnow.Gateway.Coordination.Remote;

/// <summary>
/// Writes checkpoints to session grains in the background. When the silo is slow, a newer checkpoint of a choice takes the place of the one that
/// still waits; when it is away, checkpoints are lost and the next ones make up for them.
/// </summary>
internal sealed partial class SessionCheckpointer : ISessionCheckpoints, IAsyncDisposable
{
    private const int MaxWaiting = 4096;
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(10);

    private readonly Func<string, ISessionGrain> _sessions;
    private readonly TimeProvider _time;
    private readonly ILogger<SessionCheckpointer> _logger;
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Request, int Choice), SessionCheckpoint> _waiting = [];
    private readonly Channel<(string Request, int Choice)> _order =
        Channel.CreateBounded<(string Request, int Choice)>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

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
        _writing = Task.Run(WriteAllAsync);
    }

    /// <inheritdoc />
    public void Post(SessionCheckpoint checkpoint)
    {
        (string, int) key = (checkpoint.RequestId, checkpoint.Choice);
        lock (_lock)
        {
            bool waits = _waiting.ContainsKey(key);
            if (waits || _order.Writer.TryWrite(key))
            {
                _waiting[key] = checkpoint;
            }
        }
    }

    /// <summary>Writes what waits and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _order.Writer.TryComplete();
        await _writing.ConfigureAwait(false);
    }

    private async Task WriteAllAsync()
    {
        await foreach ((string Request, int Choice) key in _order.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            SessionCheckpoint? checkpoint;
            lock (_lock)
            {
                _waiting.Remove(key, out checkpoint);
            }
            if (checkpoint is not null)
            {
                await WriteAsync(checkpoint).ConfigureAwait(false);
            }
        }
    }

    private async Task WriteAsync(SessionCheckpoint checkpoint)
    {
        try
        {
            await _sessions(checkpoint.RequestId).Checkpoint(checkpoint).WaitAsync(WriteTimeout, _time).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            LogNotWritten(_logger, checkpoint.RequestId, checkpoint.Choice, exception.Message);
        }
    }

    [LoggerMessage(3170, LogLevel.Warning, "The checkpoint of request {RequestId} choice {Choice} was not written: {Reason}")]
    private static partial void LogNotWritten(ILogger logger, string requestId, int choice, string reason);
}
