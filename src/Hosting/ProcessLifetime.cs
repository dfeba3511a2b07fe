using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Winnow.Hosting;

/// <summary>
/// Stops the process on SIGTERM, SIGINT and SIGQUIT: the first signal drains, a second one ends at once with exit code 130.
/// A process that follows its parent's stdin leaves SIGINT to the parent, since a terminal sends Ctrl-C to both.
/// </summary>
internal sealed class ProcessLifetime(ProcessDrain drain, IOptions<ProcessOptions> options) : IHostLifetime, IDisposable
{
    private const int ExitCodeOfInterrupt = 130;
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signals;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGQUIT, OnSignal));
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, OnInterrupt));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void OnInterrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        if (!options.Value.ExitOnStdinClose)
        {
            OnSignal(context);
        }
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) > 1)
        {
            Environment.Exit(ExitCodeOfInterrupt);
        }
        drain.Begin();
    }
}
