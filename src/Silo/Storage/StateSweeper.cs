namespace Winnow.Silo.Storage;

/// <summary>
/// Asks grains whose records were written longer than a time ago whether they are still needed. Each grain knows that by itself, so several silos may ask the same
/// one, and what is still used stays.
/// </summary>
/// <param name="index">Finds the records.</param>
/// <param name="stateName">Their name.</param>
/// <param name="age">How old they are when they are asked first.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Log.</param>
internal abstract partial class StateSweeper(IStateIndex index, string stateName, TimeSpan age, TimeProvider time, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromMinutes(1);
    private readonly ILogger _logger = logger;

    /// <summary>Looks for old records once.</summary>
    internal async Task SweepAsync(CancellationToken cancellation)
    {
        foreach (string key in await index.FindAsync(stateName, time.GetUtcNow() - age, cancellation))
        {
            try
            {
                await ExpireAsync(key).WaitAsync(cancellation);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // One damaged record must not keep the others.
                LogNotExpired(stateName, key, exception.Message);
            }
        }
    }

    /// <summary>Asks the grain of a record.</summary>
    protected abstract Task ExpireAsync(string key);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(age / 2 < LongestPeriod ? age / 2 : LongestPeriod, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogNoSweep(stateName, exception.Message);
            }
        }
    }

    [LoggerMessage(EventId = 3421, Level = LogLevel.Warning, Message = "Whether the {State} '{Key}' is still needed could not be found out, which is tried again: {Reason}")]
    private partial void LogNotExpired(string state, string key, string reason);

    [LoggerMessage(EventId = 3422, Level = LogLevel.Warning, Message = "Old records of state {State} cannot be looked for, which is tried again: {Reason}")]
    private partial void LogNoSweep(string state, string reason);
}
