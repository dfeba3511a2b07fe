namespace Grpc.Core;

/// <summary>Sends messages to the other side, one after the other.</summary>
/// <typeparam name="T">The message type.</typeparam>
public interface IAsyncStreamWriter<in T>
{
    /// <summary>How the next messages are written; null takes the call's options.</summary>
    WriteOptions? WriteOptions { get; set; }

    /// <summary>Sends a message. Only one write may be under way.</summary>
    /// <param name="message">The message.</param>
    /// <returns>Done when the transport took the message.</returns>
    Task WriteAsync(T message);

    /// <summary>Sends a message. Only one write may be under way.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Cancels the call while the write is under way.</param>
    /// <returns>Done when the transport took the message.</returns>
    Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        return cancellationToken.CanBeCanceled
            ? throw new NotSupportedException("This stream writer cannot cancel a write; call WriteAsync without a token.")
            : WriteAsync(message);
    }
}
