namespace Grpc.Core;

/// <summary>The requests of a client, as a stream.</summary>
/// <typeparam name="T">The request type.</typeparam>
public interface IClientStreamWriter<in T> : IAsyncStreamWriter<T>
{
    /// <summary>Says that no more requests follow (half close).</summary>
    /// <returns>Done when the end is on its way.</returns>
    Task CompleteAsync();
}
