namespace Grpc.Core;

/// <summary>The messages that the other side sends, one after the other.</summary>
/// <typeparam name="T">The message type.</typeparam>
public interface IAsyncStreamReader<out T>
{
    /// <summary>The message that the last <see cref="MoveNext" /> brought.</summary>
    T Current { get; }

    /// <summary>Waits for the next message. Only one read may be under way.</summary>
    /// <param name="cancellationToken">On a client it cancels the call; on a server it ends the wait.</param>
    /// <returns>False when the other side sent its last message (and, on a client, the status is OK).</returns>
    /// <exception cref="RpcException">On a client: the call ended with a status other than OK.</exception>
    Task<bool> MoveNext(CancellationToken cancellationToken);
}
