using Microsoft.Extensions.Logging;

namespace Winnow.Gateway.Coordination.Calibration;

/// <summary>
/// Times the first replica of another source before the coordinator gets it, so that the draft length begins with measured costs. Later ones follow a failure: sequences wait
/// for them, and what is known of the first is near enough until their own steps have been measured.
/// </summary>
public sealed partial class CalibratedReplicaSource : IReplicaSource, IAsyncDisposable
{
    private readonly IReplicaSource _source;
    private readonly CoordinatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private bool _done;

    /// <summary>Times what a source gives.</summary>
    /// <param name="source">The source; disposed with this one where it can be.</param>
    /// <param name="options">How long, and limits.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Told what was measured.</param>
    public CalibratedReplicaSource(IReplicaSource source, CoordinatorOptions options, TimeProvider time, ILogger logger)
    {
        _source = source;
        _options = options;
        _time = time;
        _logger = logger;
        _done = options.CalibrationTime == TimeSpan.Zero;
    }

    /// <inheritdoc />
    public string? Obstacle => _source.Obstacle;

    /// <inheritdoc />
    public async Task<Replica> AcquireAsync(CancellationToken cancellation)
    {
        Replica replica = await _source.AcquireAsync(cancellation).ConfigureAwait(false);
        if (_done)
        {
            return replica;
        }
        _done = true;
        try
        {
            replica.Costs = await new StepCalibration(replica, _options, _time).RunAsync(cancellation).ConfigureAwait(false);
            LogCosts(_logger, string.Join(", ", replica.Costs.Steps.Select(step => $"{step.Key}: {1000 * step.Value:F2}")),
                string.Join(", ", replica.Costs.Rounds.Select(round => $"{round.Key.Sequences}x{round.Key.Tokens}: {1000 * round.Value:F2}")));
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            // A replica that breaks here breaks for the coordinator too, which knows what to do.
            LogNotMeasured(_logger, exception);
        }
        return replica;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _source is IAsyncDisposable owned ? owned.DisposeAsync() : ValueTask.CompletedTask;

    [LoggerMessage(3180, LogLevel.Information, "Measured before serving, in milliseconds: steps by rows {Steps}; drafts by sequences and tokens {Rounds}")]
    private static partial void LogCosts(ILogger logger, string steps, string rounds);

    [LoggerMessage(3181, LogLevel.Warning, "The replica could not be measured before serving; its costs are learned while it serves.")]
    private static partial void LogNotMeasured(ILogger logger, Exception exception);
}
