using Grpc.Core;
using Grpc.Protocol;

namespace Grpc.Net.Client.Internal;

/// <summary>The responses of a call, as a stream.</summary>
internal sealed class ClientStreamReader<TResponse> : IAsyncStreamReader<TResponse>
    where TResponse : class
{
    private readonly ClientCall _call;
    private readonly Func<DeserializationContext, TResponse> _deserializer;
    private readonly int? _maxSize;
    private readonly Task<HttpResponseMessage?> _started;
    private MessageStreamReader<TResponse>? _messages;
    private TResponse? _current;
    private int _reading;

    public ClientStreamReader(ClientCall call, Func<DeserializationContext, TResponse> deserializer, int? maxSize, HttpContent content)
    {
        _call = call;
        _deserializer = deserializer;
        _maxSize = maxSize;
        _started = StartAsync(content);
    }

    public TResponse Current => _current
        ?? throw new InvalidOperationException("There is no current message; call 'MoveNext' first and stop when it returns false.");

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _reading, 1) != 0)
        {
            throw new InvalidOperationException("Can't read the next message because the previous read is still in progress.");
        }

        try
        {
            _current = null;
            return await ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }

    /// <summary>The call runs to the head of its response even when nobody reads.</summary>
    private async Task<HttpResponseMessage?> StartAsync(HttpContent content)
    {
        try
        {
            return await _call.SendAsync(content).ConfigureAwait(false);
        }
        catch (Exception ex)
        {
            _call.Fail(ex);
            return null;
        }
    }

    private async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = _call.CancelOn(cancellationToken);
        HttpResponseMessage? response = _started.IsCompleted ? _started.Result : await _started.ConfigureAwait(false);
        if (response is null || _call.IsFinished)
        {
            return End();
        }

        try
        {
            _messages ??= await OpenAsync(response).ConfigureAwait(false);
            _current = await _messages.ReadAsync(_call.Aborted).ConfigureAwait(false);
            if (_current is not null)
            {
                return true;
            }

            _call.Finish(response);
        }
        catch (Exception ex)
        {
            _messages?.Dispose();
            throw _call.Fail(ex);
        }

        _messages.Dispose();
        return End();
    }

    private async ValueTask<MessageStreamReader<TResponse>> OpenAsync(HttpResponseMessage response)
    {
        Stream body = await response.Content.ReadAsStreamAsync(_call.Aborted).ConfigureAwait(false);
        return new MessageStreamReader<TResponse>(
            body, _deserializer, _maxSize, CallStatus.Single(response.Headers, GrpcHeaders.Encoding));
    }

    private bool End() => _call.GetStatus().StatusCode == StatusCode.OK ? false : throw _call.CreateException();
}
