using Microsoft.Extensions.Logging;
using Orleans;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination;

namespace Winnow.Gateway.Streams;

/// <summary>Streams in session grains.</summary>
internal sealed partial class GrainStreamSessions(IClusterClient cluster, SiloCalls calls, TimeProvider time, ILogger<GrainStreamSessions> logger) : IStreamSessions
{
    // The first event waits for it, and no longer than this: a client that has an id can take the stream up again, unless the silo is away.
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(2);

    private readonly Outage _outage = new(time);

    /// <inheritdoc />
    public Task OpenAsync(IReadOnlyList<SessionHead> heads)
    {
        bool isAway = _outage.IsOn;
        Task opening = TryOpenAsync(heads);
        // While no silo answers, nobody waits for that to be seen once more.
        return isAway ? Task.CompletedTask : opening;
    }

    /// <inheritdoc />
    public Task<SessionSnapshot?> FindAsync(string id, CancellationToken cancellation) => calls.AskAsync(() => cluster.GetGrain<ISessionGrain>(id).Get(), cancellation);

    /// <inheritdoc />
    public async Task<long?> BeginRunsAsync(string id, IReadOnlyList<GenerationRequest> runs, CancellationToken cancellation)
    {
        // An array, since lists that the compiler makes for interfaces have no codec.
        SessionRunStart[] starts = [.. runs.Select(run => new SessionRunStart { Choice = run.Index, Position = run.Generated.Count, After = run.Run })];
        long begun = await calls.AskAsync(() => cluster.GetGrain<ISessionGrain>(id).BeginRuns(starts), cancellation);
        return begun == SessionRunStart.NotBegun ? null : begun;
    }

    private async Task TryOpenAsync(IReadOnlyList<SessionHead> heads)
    {
        try
        {
            await cluster.GetGrain<ISessionGrain>(heads[0].RequestId).Open(heads).WaitAsync(OpenLimit, time);
            if (_outage.Ended(this) is { } outage)
            {
                LogOpenedAgain(logger, outage.Lasted.TotalSeconds, outage.Failures);
            }
        }
        catch (Exception exception)
        {
            // The stream itself does not depend on it.
            if (_outage.Failed(this))
            {
                LogNotOpened(logger, heads[0].RequestId, exception.Message);
            }
        }
    }

    [LoggerMessage(EventId = 2030, Level = LogLevel.Warning, Message = "The session of stream {Stream} could not be opened; it cannot be taken up again before its first checkpoint. Said once, until one can be opened: {Reason}")]
    private static partial void LogNotOpened(ILogger logger, string stream, string reason);

    [LoggerMessage(EventId = 2031, Level = LogLevel.Information, Message = "Sessions of streams are opened again, after {Seconds:0.0} s in which {Failures} were not")]
    private static partial void LogOpenedAgain(ILogger logger, double seconds, long failures);
}
