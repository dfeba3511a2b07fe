using Microsoft.Extensions.Options;
using Winnow.GpuWorker.Engine;
using Winnow.Hosting;

namespace Winnow.GpuWorker.Control;

/// <summary>How a worker leaves: its beats say so, and it goes on serving until what it holds has been placed elsewhere, or the limit is over.</summary>
internal sealed partial class WorkerDrain(ShardTable shards, IOptions<WorkerOptions> options, TimeProvider time, ILogger<WorkerDrain> logger) : IDrainStep
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc />
    public async Task DrainAsync(CancellationToken cancellation)
    {
        if (options.Value.SiloAddresses.Count == 0)
        {
            // Nobody will place anything elsewhere.
            return;
        }
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(options.Value.DrainSeconds), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        using var timer = new PeriodicTimer(Look, time);
        try
        {
            while (shards.Describe().Count > 0)
            {
                await timer.WaitForNextTickAsync(either.Token);
            }
        }
        catch (OperationCanceledException)
        {
            LogLimit(logger, options.Value.DrainSeconds, shards.Describe().Count);
        }
    }

    [LoggerMessage(EventId = 3341, Level = LogLevel.Warning, Message = "Draining ended after {Seconds} s with {Shards} shards that were not placed elsewhere.")]
    private static partial void LogLimit(ILogger logger, int seconds, int shards);
}
