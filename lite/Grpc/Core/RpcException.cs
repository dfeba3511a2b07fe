namespace Grpc.Core;

/// <summary>A call ended with a status other than OK. Thrown by a server method, it sets the status and the trailers of the call.</summary>
public class RpcException : Exception
{
    /// <summary>Makes the exception of a status.</summary>
    /// <param name="status">How the call ended.</param>
    public RpcException(Status status)
        : this(status, Metadata.Empty, status.ToString())
    {
    }

    /// <summary>Makes the exception of a status, with its own message.</summary>
    /// <param name="status">How the call ended.</param>
    /// <param name="message">The exception's message; it is not sent to the peer.</param>
    public RpcException(Status status, string message)
        : this(status, Metadata.Empty, message)
    {
    }

    /// <summary>Makes the exception of a status and trailers.</summary>
    /// <param name="status">How the call ended.</param>
    /// <param name="trailers">The metadata sent after the last message.</param>
    public RpcException(Status status, Metadata trailers)
        : this(status, trailers, status.ToString())
    {
    }

    /// <summary>Makes the exception of a status and trailers, with its own message.</summary>
    /// <param name="status">How the call ended.</param>
    /// <param name="trailers">The metadata sent after the last message.</param>
    /// <param name="message">The exception's message; it is not sent to the peer.</param>
    public RpcException(Status status, Metadata trailers, string message)
        : base(message, status.DebugException)
    {
        ArgumentNullException.ThrowIfNull(trailers);
        Status = status;
        Trailers = trailers;
    }

    /// <summary>How the call ended.</summary>
    public Status Status { get; }

    /// <summary>The code of <see cref="Status" />.</summary>
    public StatusCode StatusCode => Status.StatusCode;

    /// <summary>The metadata that came after the last message; empty when there was none.</summary>
    public Metadata Trailers { get; }
}
