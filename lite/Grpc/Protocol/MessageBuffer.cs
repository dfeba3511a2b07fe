using System.Buffers;
using Grpc.Core;

namespace Grpc.Protocol;

/// <summary>Serialises one message at a time, with its prefix, into a pooled array. <see cref="Release" /> gives the array back.</summary>
/// <param name="maxSize">The largest message in bytes; null sets no limit.</param>
internal sealed class MessageBuffer(int? maxSize) : SerializationContext, IBufferWriter<byte>
{
    private const int SmallestArray = 512;

    private byte[] _array = [];
    private int _end;
    private bool _completed;

    /// <summary>Serialises a message.</summary>
    /// <returns>Prefix and message; valid until the next call of this method or of <see cref="Release" />.</returns>
    /// <exception cref="RpcException">The message is larger than the limit.</exception>
    public ReadOnlyMemory<byte> Serialize<T>(T message, Action<T, SerializationContext> serializer)
    {
        _end = MessagePrefix.Size;
        _completed = false;
        Reserve(0);
        serializer(message, this);
        if (!_completed)
        {
            throw new InvalidOperationException("The serializer returned without calling 'Complete' on its context.");
        }

        int length = _end - MessagePrefix.Size;
        MessagePrefix.CheckSend(length, maxSize);
        MessagePrefix.Write(_array, length);
        return _array.AsMemory(0, _end);
    }

    /// <summary>Gives the array back to the pool.</summary>
    public void Release()
    {
        byte[] array = _array;
        _array = [];
        if (array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        MessagePrefix.CheckSend(payloadLength, maxSize);
        Reserve(payloadLength);
    }

    public override IBufferWriter<byte> GetBufferWriter() => this;

    public override void Complete() => _completed = true;

    public override void Complete(byte[] payload)
    {
        MessagePrefix.CheckSend(payload.Length, maxSize);
        Reserve(payload.Length);
        payload.CopyTo(_array, _end);
        _end += payload.Length;
        _completed = true;
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _array.Length - _end);
        _end += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _array.AsMemory(_end);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    private void Reserve(int count)
    {
        int needed = checked(_end + count);
        if (needed <= _array.Length)
        {
            return;
        }

        int size = Math.Max(needed, (int)Math.Min(2L * _array.Length, Array.MaxLength));
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(size, SmallestArray));
        _array.AsSpan(0, Math.Min(_end, _array.Length)).CopyTo(larger);
        Release();
        _array = larger;
    }
}
