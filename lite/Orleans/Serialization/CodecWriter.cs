using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Orleans.Serialization;

/// <summary>Writes the codec's format.</summary>
internal sealed class CodecWriter
{
    /// <summary>Values nest no deeper than this; a cycle of references is found by it.</summary>
    internal const int MaxDepth = 64;

    private readonly ArrayBufferWriter<byte> _buffer = new();
    private int _depth;

    internal ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    internal void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    internal void Kind(WireKind kind) => Byte((byte)kind);

    internal void Varint(ulong value)
    {
        Span<byte> span = _buffer.GetSpan(10);
        int length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        _buffer.Advance(length);
    }

    internal void Zigzag(long value) => Varint((ulong)((value << 1) ^ (value >> 63)));

    internal void Fixed32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
    }

    internal void Fixed64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    internal void Bytes(ReadOnlySpan<byte> value)
    {
        Varint((ulong)value.Length);
        _buffer.Write(value);
    }

    internal void Text(string value)
    {
        Varint((ulong)Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, _buffer);
    }

    internal void Enter(Type type)
    {
        if (++_depth > MaxDepth)
        {
            throw new SerializerException(
                $"A value of type '{type}' nests deeper than {MaxDepth} levels; the lite build copies no cycles, send a flatter value.");
        }
    }

    internal void Leave() => _depth--;
}
