using System.Globalization;
using Grpc.Core;
using Winnow.Contracts;

namespace Winnow.Gateway.Coordination.Forwarding;

/// <summary>How failures of generations travel between gateways.</summary>
internal static class ForwardingErrors
{
    /// <summary>The gateway does not coordinate the replica: ask who does.</summary>
    public const string NotCoordinating = "not_coordinating";

    private const string RetryAfterTrailer = "winnow-retry-after-ms";

    /// <summary>A failure as a gRPC status, with its type and the time to wait in trailers.</summary>
    public static RpcException ToRpc(GenerationException error)
    {
        RpcException failure = ToRpc(CodeOf(error.Type), error.Type, error.Message);
        if (error.RetryAfter is { } wait)
        {
            failure.Trailers.Add(RetryAfterTrailer, ((long)wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        }
        return failure;
    }

    /// <summary>The answer of a gateway that does not coordinate the replica.</summary>
    public static RpcException NotCoordinated(string replica) =>
        ToRpc(StatusCode.FailedPrecondition, NotCoordinating, $"This gateway does not coordinate replica '{replica}'; ask its grain who does.");

    /// <summary>
    /// What a failed call means: an error of the request itself, or <see langword="null"/> when the other gateway could not be reached, or cannot run it, and another try may help.
    /// </summary>
    public static GenerationException? FromRpc(RpcException error) => error.Trailers.GetValue(WorkerErrorTypes.Trailer) switch
    {
        GenerationErrors.ContextExceeded or GenerationErrors.InvalidRequest or GenerationErrors.GrammarFailed or GenerationErrors.Overloaded or GenerationErrors.TakenOver
            or GenerationErrors.ModelChanged or GenerationErrors.Internal => new GenerationException(error.Trailers.GetValue(WorkerErrorTypes.Trailer)!, error.Status.Detail, error) { RetryAfter = RetryAfterOf(error) },
        _ when error.StatusCode is StatusCode.Unauthenticated or StatusCode.PermissionDenied =>
            new GenerationException(GenerationErrors.Unavailable, $"The gateway that coordinates the model refuses this one: {error.Status.Detail}", error),
        _ => null,
    };

    private static TimeSpan? RetryAfterOf(RpcException error) =>
        int.TryParse(error.Trailers.GetValue(RetryAfterTrailer), NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds) ? TimeSpan.FromMilliseconds(milliseconds) : null;

    private static StatusCode CodeOf(string type) => type switch
    {
        GenerationErrors.ContextExceeded or GenerationErrors.InvalidRequest or GenerationErrors.GrammarFailed => StatusCode.InvalidArgument,
        GenerationErrors.Overloaded => StatusCode.ResourceExhausted,
        GenerationErrors.Unavailable => StatusCode.Unavailable,
        GenerationErrors.TakenOver or GenerationErrors.ModelChanged => StatusCode.Aborted,
        _ => StatusCode.Internal,
    };

    private static RpcException ToRpc(StatusCode code, string type, string message) => new(new Status(code, message), new Metadata { { WorkerErrorTypes.Trailer, type } });
}
