using System.Buffers;
using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Protocol;

namespace Grpc.Net.Client.Internal;

/// <summary>
/// Reads the messages of a response body. The buffer grows with the bytes that have arrived, not with what a prefix claims, and stays
/// with the stream, so that equal messages are read without allocation or copy.
/// </summary>
/// <typeparam name="T">The message type.</typeparam>
internal sealed class MessageStreamReader<T>(
    Stream body,
    Func<DeserializationContext, T> deserializer,
    int? maxSize,
    string? encoding) : IDisposable
    where T : class
{
    private const int FirstBufferSize = 16 * 1024;

    private readonly PayloadContext _payload = new();
    private byte[] _buffer = [];
    private int _start;
    private int _end;

    /// <summary>Reads the next message.</summary>
    /// <returns>The message, or null at the end of the body.</returns>
    /// <exception cref="RpcException">The body ends in a message, or the message is too large, compressed or not of the type.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        if (!await FillAsync(MessagePrefix.Size, cancellationToken).ConfigureAwait(false))
        {
            return _end == _start ? null : throw Incomplete();
        }

        int length = MessagePrefix.Read(_buffer.AsSpan(_start, MessagePrefix.Size), maxSize, encoding);
        if (!await FillAsync(MessagePrefix.Size + length, cancellationToken).ConfigureAwait(false))
        {
            throw Incomplete();
        }

        var payload = new ReadOnlySequence<byte>(_buffer, _start + MessagePrefix.Size, length);
        T message = _payload.Deserialize(payload, deserializer);
        _start += MessagePrefix.Size + length;
        return message;
    }

    /// <summary>Gives the buffer back to the pool. No read may be under way.</summary>
    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        _start = _end = 0;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static RpcException Incomplete() => new(new Status(StatusCode.Internal, "The response ends in the middle of a message."));

    /// <summary>Reads until that many bytes are there.</summary>
    /// <returns>False when the body ended before.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FillAsync(int count, CancellationToken cancellationToken)
    {
        while (_end - _start < count)
        {
            MakeRoom(count);
            int read = await body.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return false;
            }

            _end += read;
        }

        return true;
    }

    private void MakeRoom(int count)
    {
        int held = _end - _start;
        if (_start > 0 && (held == 0 || _start + count > _buffer.Length))
        {
            _buffer.AsSpan(_start, held).CopyTo(_buffer);
            _start = 0;
            _end = held;
        }

        if (_end < _buffer.Length)
        {
            return;
        }

        int size = Math.Max(FirstBufferSize, (int)Math.Min(2L * _buffer.Length, Array.MaxLength));
        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(0, held).CopyTo(larger);
        Dispose();
        _buffer = larger;
        _end = held;
    }
}
