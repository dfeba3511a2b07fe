using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Winnow.Hosting;

/// <summary>
/// The graceful end of a process, begun by the first signal: it is not ready any more, its drain steps finish or hand over what runs, and then the host stops. Until then everything that
/// listens goes on listening.
/// </summary>
/// <param name="steps">What the role has to do before it stops; asked for when the drain begins.</param>
/// <param name="health">Told at once.</param>
/// <param name="application">Stopped at the end.</param>
/// <param name="logger">Log.</param>
public sealed partial class ProcessDrain(Func<IEnumerable<IDrainStep>> steps, ProcessHealth health, IHostApplicationLifetime application, ILogger<ProcessDrain> logger) : IDisposable
{
    /// <summary>Name of the health condition that does not hold while the process drains.</summary>
    public const string Condition = "draining";

    private readonly CancellationTokenSource _draining = new();
    private int _begun;

    /// <summary>Cancelled when the drain begins.</summary>
    public CancellationToken Draining => _draining.Token;

    /// <summary>The drain has begun.</summary>
    public bool IsDraining => _draining.IsCancellationRequested;

    /// <summary>Begins the drain; further calls do nothing.</summary>
    public void Begin()
    {
        if (Interlocked.Exchange(ref _begun, 1) == 0)
        {
            health.SetNotReady(Condition, "this process ends: it finishes or hands over what runs and takes nothing new");
            _draining.Cancel();
            _ = Task.Run(RunAsync);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _draining.Dispose();

    private async Task RunAsync()
    {
        try
        {
            await Task.WhenAll(steps().Select(step => step.DrainAsync(application.ApplicationStopping))).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The process ends either way.
            LogFailed(logger, exception);
        }
        application.StopApplication();
    }

    [LoggerMessage(1005, LogLevel.Warning, "Draining failed; the process stops now")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}

/// <summary>What a role does between the first signal and its stop.</summary>
public interface IDrainStep
{
    /// <summary>Finishes or hands over what runs, within a limit of the role's own.</summary>
    /// <param name="cancellation">The process stops for another reason.</param>
    Task DrainAsync(CancellationToken cancellation);
}
