using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>The responses of a call, as a stream.</summary>
internal sealed class ServerStreamWriter<TResponse>(HttpServerCallContext call, Action<TResponse, SerializationContext> serializer)
    : IServerStreamWriter<TResponse>
    where TResponse : class
{
    private Task _last = Task.CompletedTask;

    public WriteOptions? WriteOptions
    {
        get => call.WriteOptions;
        set => call.WriteOptions = value;
    }

    public Task WriteAsync(TResponse message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(TResponse message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        try
        {
            call.Responses.Enter();
        }
        catch (InvalidOperationException ex)
        {
            return Task.FromException(ex);
        }

        return _last = call.WriteEnteredAsync(message, serializer, cancellationToken);
    }

    /// <summary>Waits for a write that the method began and did not await.</summary>
    public async Task DrainAsync() => await _last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
