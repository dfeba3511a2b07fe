using Grpc.Core;

namespace Winnow.GpuWorker.Wire;

/// <summary>What gRPC streams throw when their other side is gone, as against errors of this worker's own.</summary>
internal static class StreamErrors
{
    /// <summary>Whether an exception only says that a stream ended: cancelled, disconnected, or with a status.</summary>
    public static bool IsBroken(Exception exception) => exception is OperationCanceledException or IOException or RpcException;

    /// <summary>As <see cref="IsBroken"/>, for writes: gRPC refuses a write to a call that has ended as an invalid operation.</summary>
    public static bool IsBrokenWrite(Exception exception) => IsBroken(exception) || exception is InvalidOperationException;
}
