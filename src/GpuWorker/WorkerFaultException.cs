namespace Winnow.GpuWorker;

/// <summary>Ends a call with a <see cref="WorkerFault"/>.</summary>
internal sealed class WorkerFaultException(WorkerFault fault) : Exception(fault.Message)
{
    public WorkerFault Fault { get; } = fault;
}
