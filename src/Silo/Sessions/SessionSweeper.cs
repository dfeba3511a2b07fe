using Microsoft.Extensions.Options;
using Orleans;
using Winnow.Contracts.Grains;
using Winnow.Silo.Storage;

namespace Winnow.Silo.Sessions;

/// <summary>
/// Asks sessions that began longer than their time to live ago whether that is over. Each grain knows when it was last written, so several silos
/// may ask for the same one, and a session that still runs stays.
/// </summary>
internal sealed partial class SessionSweeper(
    IStateIndex index, IGrainFactory grains, IOptions<SiloOptions> options, TimeProvider time, ILogger<SessionSweeper> logger) : BackgroundService
{
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromMinutes(1);
    private readonly ILogger _logger = logger;
    private readonly TimeSpan _timeToLive = options.Value.SessionTimeToLive;

    /// <summary>Looks for expired sessions once.</summary>
    internal async Task SweepAsync(CancellationToken cancellation)
    {
        foreach (string session in await index.FindAsync(SessionGrain.StateName, time.GetUtcNow() - _timeToLive, cancellation))
        {
            try
            {
                await grains.GetGrain<ISessionGrain>(session).Expire().WaitAsync(cancellation);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // One damaged session must not keep the others.
                LogNotExpired(session, exception.Message);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(_timeToLive / 2 < LongestPeriod ? _timeToLive / 2 : LongestPeriod, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogNoSweep(exception.Message);
            }
        }
    }

    [LoggerMessage(EventId = 3421, Level = LogLevel.Warning, Message = "Session '{Session}' cannot be removed, which is tried again: {Reason}")]
    private partial void LogNotExpired(string session, string reason);

    [LoggerMessage(EventId = 3422, Level = LogLevel.Warning, Message = "Expired sessions cannot be looked for, which is tried again: {Reason}")]
    private partial void LogNoSweep(string reason);
}
