using Winnow.GpuWorker.Drafting;
using Winnow.GpuWorker.Pipeline;

namespace Winnow.GpuWorker;

/// <summary>What the calls of a worker share beside the device: their log, and the word that the worker begins to stop.</summary>
internal sealed class WorkerCalls(StepObserver observer, ILoggerFactory loggers, IHostApplicationLifetime lifetime)
{
    /// <summary>Metrics and log of steps.</summary>
    public StepObserver Observer { get; } = observer;

    /// <summary>Log of draft rounds.</summary>
    public ILogger DraftLogger { get; } = loggers.CreateLogger<DraftWork>();

    /// <summary>Cancelled when the worker begins to stop.</summary>
    public CancellationToken Draining { get; } = lifetime.ApplicationStopping;
}
