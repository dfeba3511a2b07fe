using Winnow.Inference.Execution;

namespace Winnow.GpuWorker.Pipeline;

/// <summary>Metrics and log of the step path.</summary>
public sealed partial class StepObserver(ILogger<StepObserver> logger)
{
    private readonly ILogger _logger = logger;

    internal void Ran(StepOutcome outcome, TimeSpan elapsed, int openSlots)
    {
        WorkerMetrics.Steps.Inc();
        WorkerMetrics.Rows.Inc(outcome.RowCount);
        WorkerMetrics.HostBytes.Inc(outcome.HostBytes);
        WorkerMetrics.StepRows.Observe(outcome.RowCount);
        WorkerMetrics.StepSeconds.Observe(elapsed.TotalSeconds);
        WorkerMetrics.OpenSequences.Set(openSlots);
    }

    internal void Began(StepSession session) => LogBegan(session.Host.Replica, session.Host.Index, session.Epoch);

    internal void Ended(StepSession session)
    {
        if (session.Fault is { } fault)
        {
            WorkerMetrics.StepFailures.WithLabels(fault.Type).Inc();
            LogFailed(session.Host.Replica, session.Host.Index, session.Epoch, fault.Type, fault.Message);
        }
        else
        {
            LogEnded(session.Host.Replica, session.Host.Index, session.Epoch);
        }
    }

    internal void Failed(StepSession session, long step, Exception exception) =>
        LogStepException(exception, step, session.Host.Replica, session.Host.Index);

    internal void CallerGone(StepSession session, Exception exception) =>
        LogCallerGone(session.Host.Replica, session.Host.Index, exception.Message);
}
