using Microsoft.Extensions.Logging;

namespace Winnow.Gateway.Coordination.Calibration;

/// <summary>
/// Times steps of 1, 2, 4 and more rows on a replica that serves nobody yet, and rounds of its draft model, so that draft lengths begin with measured costs. Goes through
/// the sizes again and again until <see cref="CoordinatorOptions.CalibrationTime"/> is over, and leaves nothing behind on the replica.
/// </summary>
/// <param name="model">Model name, for logs and metrics.</param>
/// <param name="options">How long, and limits.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Told what was measured.</param>
/// <param name="number">Number of the replica, for logs and metrics.</param>
internal sealed partial class ReplicaCalibration(string model, CoordinatorOptions options, TimeProvider time, ILogger logger, int number = 0)
{
    private const int MostPasses = 64;
    private const double StepsShare = 0.7;

    // A size of which nothing is known is expected to take as much longer than its half as that did than its own, and some more, at most this; and is tried where that
    // is no more than such a part of the time left.
    private const double MostGrowth = 2.2;
    private const double GrowthMargin = 1.2;
    private const double LargestShare = 0.25;

    private readonly CalibrationInstruments _instruments = new(model, number);

    /// <summary>There is something to measure for, and time for it.</summary>
    public bool IsOn => options.CalibrationTime > TimeSpan.Zero && options.MaxDraftTokens > 0;

    /// <summary>Measures. Never throws: what fails here is told, and the replica is used as any other.</summary>
    /// <param name="replica">The replica.</param>
    /// <param name="cancellation">Ends it at once.</param>
    public async Task<ReplicaCosts> RunAsync(Replica replica, CancellationToken cancellation)
    {
        var costs = new ReplicaCosts();
        long started = time.GetTimestamp();
        using var limit = new CancellationTokenSource(options.CalibrationTime, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, replica.Lost, limit.Token);
        TimeSpan forSteps = replica.Drafter is null ? options.CalibrationTime : StepsShare * options.CalibrationTime;
        await MeasureAsync(new StepProbe(replica.Pipeline, options, costs), costs.Steps, started, forSteps, costs, end.Token).ConfigureAwait(false);
        if (replica.Drafter is not null && costs.Fault is null)
        {
            await MeasureAsync(new DraftProbe(replica.Drafter, options, replica.Pipeline.Shape), costs.Drafts, started, options.CalibrationTime, costs, end.Token).ConfigureAwait(false);
        }
        Report(costs, time.GetElapsedTime(started));
        return costs;
    }

    private async Task MeasureAsync(ICalibrationProbe probe, SizeTimes times, long started, TimeSpan until, ReplicaCosts costs, CancellationToken end)
    {
        Exception? running = await GuardAsync(() => RepeatAsync(probe, times, started, until, end), end).ConfigureAwait(false);
        Exception? closing = await GuardAsync(() => probe.CloseAsync(end), end).ConfigureAwait(false);
        costs.Fault = running ?? closing;
    }

    // A fault is not thrown on: what is broken here is broken for the loop too, which knows what to do.
    private static async Task<Exception?> GuardAsync(Func<Task> work, CancellationToken end)
    {
        try
        {
            await work().ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private async Task RepeatAsync(ICalibrationProbe probe, SizeTimes times, long started, TimeSpan until, CancellationToken end)
    {
        // The very first run is that of cold code: its time says nothing.
        bool goesOn = await probe.RunAsync(probe.Sizes[0], end).ConfigureAwait(false);
        for (int pass = 0; goesOn && pass < MostPasses; pass++)
        {
            goesOn = await PassAsync(probe, times, started, until, end).ConfigureAwait(false);
        }
    }

    /// <returns>Whether there is time for another pass.</returns>
    private async Task<bool> PassAsync(ICalibrationProbe probe, SizeTimes times, long started, TimeSpan until, CancellationToken end)
    {
        double last = 0;
        double growth = MostGrowth;
        bool any = false;
        foreach (int size in probe.Sizes)
        {
            double left = (until - time.GetElapsedTime(started)).TotalSeconds;
            double known = times.Of(size);
            if (left <= 0 || (known > 0 ? known > left : growth * last > LargestShare * left))
            {
                return any;
            }
            long began = time.GetTimestamp();
            if (!await probe.RunAsync(size, end).ConfigureAwait(false))
            {
                return false;
            }
            double elapsed = time.GetElapsedTime(began).TotalSeconds;
            growth = last > 0 ? Math.Clamp(GrowthMargin * elapsed / last, 1, MostGrowth) : MostGrowth;
            last = elapsed;
            times.Add(size, elapsed);
            any = true;
        }
        return true;
    }

    private void Report(ReplicaCosts costs, TimeSpan elapsed)
    {
        _instruments.Measured(costs);
        LogMeasured(logger, model, number, elapsed.TotalMilliseconds, costs.Steps, costs.Drafts);
        if (costs.Fault is not null)
        {
            LogFailed(logger, model, number, costs.Fault);
        }
    }

    [LoggerMessage(3195, LogLevel.Information, "Calibrated replica {Replica} of {Model} in {Milliseconds:0} ms; milliseconds of steps by rows: {Steps}; of draft rounds by tokens: {Drafts}")]
    private static partial void LogMeasured(ILogger logger, string model, int replica, double milliseconds, SizeTimes steps, SizeTimes drafts);

    [LoggerMessage(3196, LogLevel.Warning, "The calibration of replica {Replica} of {Model} failed; it is served all the same, and what is left of its costs is learned meanwhile")]
    private static partial void LogFailed(ILogger logger, string model, int replica, Exception fault);
}
