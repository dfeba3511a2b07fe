using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Protocol;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>
/// Serialises messages into the response's pipe. A marshaller that announces the size, as generated code does, writes into the pipe
/// itself; any other goes through a buffer.
/// </summary>
internal sealed class PipeMessageWriter(PipeWriter pipe, int? maxSize) : SerializationContext, IBufferWriter<byte>
{
    private ArrayBufferWriter<byte>? _unsized;
    private int _announced = -1;
    private long _written;
    private bool _completed;

    /// <summary>Whether part of a message lies in the pipe: then no further message can follow.</summary>
    public bool IsBroken => _announced >= 0;

    /// <summary>Writes a message without flushing it.</summary>
    /// <exception cref="RpcException">The message is larger than the limit.</exception>
    /// <exception cref="InvalidOperationException">The serialiser did not write what it announced.</exception>
    public void Write<T>(T message, Action<T, SerializationContext> serializer)
    {
        _announced = -1;
        _written = 0;
        _completed = false;
        _unsized = null;
        serializer(message, this);
        if (!_completed || _written != _announced)
        {
            throw new InvalidOperationException(
                $"The serializer announced '{_announced}' bytes and wrote '{_written}'; do not change a message while it is sent.");
        }

        _announced = -1;
    }

    public override void SetPayloadLength(int payloadLength)
    {
        MessagePrefix.CheckSend(payloadLength, maxSize);
        MessagePrefix.Write(pipe.GetSpan(MessagePrefix.Size), payloadLength);
        pipe.Advance(MessagePrefix.Size);
        _announced = payloadLength;
    }

    public override IBufferWriter<byte> GetBufferWriter() => _announced >= 0 ? this : _unsized ??= new ArrayBufferWriter<byte>();

    public override void Complete()
    {
        if (_unsized is { } unsized)
        {
            SetPayloadLength(unsized.WrittenCount);
            this.Write(unsized.WrittenSpan);
        }

        _completed = true;
    }

    public override void Complete(byte[] payload)
    {
        if (_announced < 0)
        {
            SetPayloadLength(payload.Length);
        }

        this.Write(payload);
        _completed = true;
    }

    public void Advance(int count)
    {
        pipe.Advance(count);
        _written += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => pipe.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => pipe.GetSpan(sizeHint);
}
