using Microsoft.Extensions.Logging;
using Orleans;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination;

namespace Winnow.Gateway.Streams;

/// <summary>Streams in session grains.</summary>
internal sealed partial class GrainStreamSessions(IClusterClient cluster, TimeProvider time, ILogger<GrainStreamSessions> logger) : IStreamSessions
{
    // The first event waits for it, and no longer than this: a client that has an id can take the stream up again, unless the silo is away.
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FindLimit = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public async Task OpenAsync(IReadOnlyList<SessionHead> heads)
    {
        try
        {
            await cluster.GetGrain<ISessionGrain>(heads[0].RequestId).Open(heads).WaitAsync(OpenLimit, time);
        }
        catch (Exception exception)
        {
            // The stream itself does not depend on it.
            LogNotOpened(logger, heads[0].RequestId, exception.Message);
        }
    }

    /// <inheritdoc />
    public async Task<SessionSnapshot?> FindAsync(string id, CancellationToken cancellation)
    {
        try
        {
            return await cluster.GetGrain<ISessionGrain>(id).Get().WaitAsync(FindLimit, time, cancellation);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            throw new GenerationException(GenerationErrors.Unavailable, $"The session of stream '{id}' could not be read: {exception.Message}", exception);
        }
    }

    /// <inheritdoc />
    public async Task BeginRunsAsync(string id, IReadOnlyList<GenerationRequest> runs, CancellationToken cancellation)
    {
        try
        {
            ISessionGrain session = cluster.GetGrain<ISessionGrain>(id);
            foreach (GenerationRequest run in runs)
            {
                await session.Checkpoint(new SessionCheckpoint { Choice = run.Index, Position = run.Generated.Count, Tokens = Array.Empty<int>(), Run = run.Run })
                    .WaitAsync(FindLimit, time, cancellation);
            }
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            throw new GenerationException(GenerationErrors.Unavailable, $"The session of stream '{id}' could not be told that it goes on: {exception.Message}", exception);
        }
    }

    [LoggerMessage(EventId = 2030, Level = LogLevel.Warning, Message = "The session of stream {Stream} could not be opened; it cannot be taken up again before its first checkpoint: {Reason}")]
    private static partial void LogNotOpened(ILogger logger, string stream, string reason);
}
