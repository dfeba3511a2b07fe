using Grpc.Core;
using Winnow.Contracts;
using Winnow.Contracts.V1;

namespace Winnow.GpuWorker;

/// <summary>Why a call or a step was refused or failed: one value for the status, the trailer and the ack.</summary>
/// <param name="Code">gRPC status code.</param>
/// <param name="Type">One of <see cref="WorkerErrorTypes"/>.</param>
/// <param name="Message">One line for people.</param>
public sealed record WorkerFault(StatusCode Code, string Type, string Message)
{
    /// <summary>The message's epoch is older than the replica's.</summary>
    public static WorkerFault StaleEpoch(string replica, long epoch, long current) => new(
        StatusCode.FailedPrecondition, WorkerErrorTypes.StaleEpoch,
        $"Epoch '{epoch}' of replica '{replica}' is stale; this worker has seen epoch {current}; ask the replica's grain for the placement.");

    /// <summary>Nothing is loaded under that name.</summary>
    public static WorkerFault UnknownReplica(string replica, int shard) => new(
        StatusCode.NotFound, WorkerErrorTypes.UnknownReplica,
        $"Shard '{shard}' of replica '{replica}' is not loaded on this worker; load it first.");

    /// <summary>A newer stream took over.</summary>
    public static WorkerFault Superseded(string replica, int shard) => new(
        StatusCode.Aborted, WorkerErrorTypes.Superseded,
        $"Another stream took over shard '{shard}' of replica '{replica}'; only the newest one is served.");

    /// <summary>The worker is shutting down.</summary>
    public static WorkerFault Draining() => new(
        StatusCode.Unavailable, WorkerErrorTypes.Draining, "This worker is shutting down; its shards are placed elsewhere.");

    /// <summary>The stream from the coordinator or the previous shard broke.</summary>
    public static WorkerFault PipelineBroken(string replica, int shard, string reason) => new(
        StatusCode.Unavailable, WorkerErrorTypes.PipelineBroken,
        $"The stream into shard '{shard}' of replica '{replica}' broke: {reason.TrimEnd('.')}.");

    /// <summary>The exception that ends a gRPC call with this fault.</summary>
    public RpcException ToRpcException() => new(new Status(Code, Message), new Metadata { { WorkerErrorTypes.Trailer, Type } });

    /// <summary>The fault as part of a message.</summary>
    public ErrorDetail ToDetail() => new() { Type = Type, Message = Message };
}
