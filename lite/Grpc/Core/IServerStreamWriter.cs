namespace Grpc.Core;

/// <summary>The responses of a server, as a stream.</summary>
/// <typeparam name="T">The response type.</typeparam>
public interface IServerStreamWriter<in T> : IAsyncStreamWriter<T>
{
}
