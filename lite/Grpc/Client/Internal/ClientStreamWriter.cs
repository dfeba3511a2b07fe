using Grpc.Core;
using Grpc.Protocol;

namespace Grpc.Net.Client.Internal;

/// <summary>The requests of a call, as a stream.</summary>
internal sealed class ClientStreamWriter<TRequest>(
    ClientCall call,
    RequestStream requests,
    Action<TRequest, SerializationContext> serializer,
    int? maxSize) : IClientStreamWriter<TRequest>
    where TRequest : class
{
    private readonly MessageBuffer _buffer = new(maxSize);
    private int _writing;
    private volatile bool _completed;

    public WriteOptions? WriteOptions { get; set; }

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_completed)
        {
            return Task.FromException(new InvalidOperationException("Request stream has already been completed."));
        }

        if (call.IsFinished)
        {
            return Task.FromException(call.CreateException());
        }

        return Interlocked.Exchange(ref _writing, 1) == 0
            ? WriteCoreAsync(message, cancellationToken)
            : Task.FromException(
                new InvalidOperationException("Can't write the message because the previous write is in progress."));
    }

    public Task CompleteAsync()
    {
        if (Volatile.Read(ref _writing) != 0)
        {
            return Task.FromException(new InvalidOperationException(
                "Can't complete the client stream writer because the previous write is in progress."));
        }

        _completed = true;
        requests.Complete();
        return Task.CompletedTask;
    }

    private async Task WriteCoreAsync(TRequest message, CancellationToken cancellationToken)
    {
        try
        {
            using CancellationTokenRegistration registration = call.CancelOn(cancellationToken);
            Stream stream = requests.Stream.IsCompletedSuccessfully
                ? requests.Stream.Result
                : await requests.Stream.ConfigureAwait(false);
            await stream.WriteAsync(_buffer.Serialize(message, serializer), call.Aborted).ConfigureAwait(false);
            if (((WriteOptions ?? call.Options.WriteOptions)?.Flags & WriteFlags.BufferHint) != WriteFlags.BufferHint)
            {
                await stream.FlushAsync(call.Aborted).ConfigureAwait(false);
            }
        }
        catch (Exception ex) when (ex is OperationCanceledException or IOException or HttpRequestException or ObjectDisposedException)
        {
            throw Broken(ex);
        }
        finally
        {
            _buffer.Release();
            Volatile.Write(ref _writing, 0);
        }
    }

    /// <summary>
    /// The request body broke. The call's status says why when it is known; otherwise the reader of the response finds it, so the call
    /// is left to that side.
    /// </summary>
    private RpcException Broken(Exception exception)
    {
        if (call.IsFinished)
        {
            return call.CreateException();
        }

        return exception is OperationCanceledException
            ? new RpcException(new Status(StatusCode.Cancelled, "The server stopped reading requests.", exception))
            : new RpcException(CallStatus.FromException(exception));
    }
}
