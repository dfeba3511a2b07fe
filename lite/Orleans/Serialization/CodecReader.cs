using System.Buffers.Binary;
using System.Text;

namespace Orleans.Serialization;

/// <summary>Reads the codec's format from bytes that nobody vouches for: every length and count is checked before it is believed.</summary>
internal ref struct CodecReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;
    private int _depth;

    internal readonly int Remaining => _bytes.Length - _position;

    internal byte Byte()
    {
        Require(1);
        return _bytes[_position++];
    }

    internal WireKind Kind()
    {
        byte kind = Byte();
        return kind <= (byte)WireKind.Map
            ? (WireKind)kind
            : throw Malformed($"kind '{kind}'", $"0 to {(byte)WireKind.Map}");
    }

    internal ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte part = Byte();
            if (shift == 63 && part > 1)
            {
                break;
            }

            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw Malformed("a varint of more than 64 bits", "at most 64 bits");
    }

    internal long Zigzag()
    {
        ulong value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    internal uint Fixed32()
    {
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
        return value;
    }

    internal ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    internal ReadOnlySpan<byte> Bytes() => Take(Length());

    internal ReadOnlySpan<byte> Bytes(int length)
    {
        ReadOnlySpan<byte> bytes = Bytes();
        return bytes.Length == length ? bytes : throw Malformed($"'{bytes.Length}' bytes", $"{length} bytes");
    }

    internal string Text()
    {
        try
        {
            return StrictUtf8.GetString(Bytes());
        }
        catch (DecoderFallbackException e)
        {
            throw new SerializerException($"Text before byte '{_position}' is not UTF-8.", e);
        }
    }

    /// <summary>A count of things that take at least one byte each.</summary>
    internal int Length()
    {
        ulong length = Varint();
        return length <= (ulong)Remaining
            ? (int)length
            : throw Malformed($"length or count '{length}'", $"at most the {Remaining} bytes that are left");
    }

    internal void Enter()
    {
        if (++_depth > CodecWriter.MaxDepth)
        {
            throw Malformed("deeper nesting", $"{CodecWriter.MaxDepth} levels");
        }
    }

    internal void Leave() => _depth--;

    /// <summary>Passes over a value of a member that this version of a type does not have.</summary>
    internal void Skip(WireKind kind)
    {
        switch (kind)
        {
            case WireKind.Null:
                break;
            case WireKind.Varint:
                Varint();
                break;
            case WireKind.Fixed32:
                Take(4);
                break;
            case WireKind.Fixed64:
                Take(8);
                break;
            case WireKind.Bytes:
                Bytes();
                break;
            default:
                Enter();
                SkipNested(kind);
                Leave();
                break;
        }
    }

    internal readonly SerializerException Malformed(string found, string allowed) =>
        new($"Serialised value at byte '{_position}' has {found}; allowed is {allowed}.");

    private void SkipNested(WireKind kind)
    {
        if (kind is not WireKind.Object)
        {
            Byte();
        }

        int count = Length();
        WireKind elements = kind is WireKind.List ? Kind() : WireKind.Null;
        for (int i = 0; i < count; i++)
        {
            if (kind is WireKind.Object)
            {
                Varint();
            }
            else if (kind is WireKind.Map)
            {
                Skip(Kind());
            }

            Skip(elements is WireKind.Null ? Kind() : elements);
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        Require(count);
        ReadOnlySpan<byte> taken = _bytes.Slice(_position, count);
        _position += count;
        return taken;
    }

    private readonly void Require(int count)
    {
        if (count > Remaining)
        {
            throw Malformed($"'{Remaining}' bytes left", $"{count} or more");
        }
    }
}
