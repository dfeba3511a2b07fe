using System.Buffers.Binary;

namespace Orleans.Serialization;

/// <summary>The codecs of types without parts, and of byte arrays.</summary>
internal static class PrimitiveCodecs
{
    internal static IReadOnlyDictionary<Type, ValueCodec> All { get; } = new Dictionary<Type, ValueCodec>
    {
        [typeof(bool)] = Signed(value => value ? 1 : 0, value => Ranged(value, 0, 1) == 1),
        [typeof(sbyte)] = Signed(value => value, value => (sbyte)Ranged(value, sbyte.MinValue, sbyte.MaxValue)),
        [typeof(short)] = Signed(value => value, value => (short)Ranged(value, short.MinValue, short.MaxValue)),
        [typeof(int)] = Signed(value => value, value => (int)Ranged(value, int.MinValue, int.MaxValue)),
        [typeof(long)] = Signed(value => value, value => value),
        [typeof(byte)] = Unsigned(value => value, value => (byte)Ranged(value, byte.MaxValue)),
        [typeof(char)] = Unsigned(value => value, value => (char)Ranged(value, char.MaxValue)),
        [typeof(ushort)] = Unsigned(value => value, value => (ushort)Ranged(value, ushort.MaxValue)),
        [typeof(uint)] = Unsigned(value => value, value => (uint)Ranged(value, uint.MaxValue)),
        [typeof(ulong)] = Unsigned(value => value, value => value),
        [typeof(float)] = new PrimitiveCodec<float>(
            WireKind.Fixed32,
            (writer, value) => writer.Fixed32(BitConverter.SingleToUInt32Bits(value)),
            (ref reader) => BitConverter.UInt32BitsToSingle(reader.Fixed32())),
        [typeof(double)] = new PrimitiveCodec<double>(
            WireKind.Fixed64,
            (writer, value) => writer.Fixed64(BitConverter.DoubleToUInt64Bits(value)),
            (ref reader) => BitConverter.UInt64BitsToDouble(reader.Fixed64())),
        [typeof(string)] = new PrimitiveCodec<string>(WireKind.Bytes, (writer, value) => writer.Text(value), (ref reader) => reader.Text()),
        [typeof(byte[])] = new BytesCodec(),
        [typeof(TimeSpan)] = Signed(value => value.Ticks, value => new TimeSpan(value)),
        [typeof(DateTime)] = new PrimitiveCodec<DateTime>(WireKind.Bytes, WriteDateTime, ReadDateTime),
        [typeof(DateTimeOffset)] = new PrimitiveCodec<DateTimeOffset>(WireKind.Bytes, WriteDateTimeOffset, ReadDateTimeOffset),
        [typeof(Guid)] = new PrimitiveCodec<Guid>(
            WireKind.Bytes, (writer, value) => writer.Bytes(value.ToByteArray()), (ref reader) => new Guid(reader.Bytes(16))),
        [typeof(decimal)] = new PrimitiveCodec<decimal>(WireKind.Bytes, WriteDecimal, ReadDecimal),
    };

    private static PrimitiveCodec<T> Signed<T>(Func<T, long> toWire, Func<long, T> fromWire) => new(
        WireKind.Varint, (writer, value) => writer.Zigzag(toWire(value)), (ref reader) => fromWire(reader.Zigzag()));

    private static PrimitiveCodec<T> Unsigned<T>(Func<T, ulong> toWire, Func<ulong, T> fromWire) => new(
        WireKind.Varint, (writer, value) => writer.Varint(toWire(value)), (ref reader) => fromWire(reader.Varint()));

    private static long Ranged(long value, long low, long high) => value >= low && value <= high
        ? value
        : throw new SerializerException($"Serialised number '{value}' is out of its type's range, {low} to {high}.");

    private static ulong Ranged(ulong value, ulong high) => value <= high
        ? value
        : throw new SerializerException($"Serialised number '{value}' is out of its type's range, 0 to {high}.");

    private static void WriteDateTime(CodecWriter writer, DateTime value)
    {
        Span<byte> bytes = stackalloc byte[9];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value.Ticks);
        bytes[8] = (byte)value.Kind;
        writer.Bytes(bytes);
    }

    private static DateTime ReadDateTime(ref CodecReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.Bytes(9);
        long ticks = Ranged(BinaryPrimitives.ReadInt64LittleEndian(bytes), 0, DateTime.MaxValue.Ticks);
        return new DateTime(ticks, (DateTimeKind)Ranged(bytes[8], 0, 2));
    }

    private static void WriteDateTimeOffset(CodecWriter writer, DateTimeOffset value)
    {
        Span<byte> bytes = stackalloc byte[10];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value.UtcTicks);
        BinaryPrimitives.WriteInt16LittleEndian(bytes[8..], (short)value.TotalOffsetMinutes);
        writer.Bytes(bytes);
    }

    private static DateTimeOffset ReadDateTimeOffset(ref CodecReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.Bytes(10);
        long utcTicks = Ranged(BinaryPrimitives.ReadInt64LittleEndian(bytes), 0, DateTime.MaxValue.Ticks);
        var offset = TimeSpan.FromMinutes(Ranged(BinaryPrimitives.ReadInt16LittleEndian(bytes[8..]), -14 * 60, 14 * 60));
        Ranged(utcTicks + offset.Ticks, 0, DateTime.MaxValue.Ticks);
        return new DateTimeOffset(utcTicks, TimeSpan.Zero).ToOffset(offset);
    }

    private static void WriteDecimal(CodecWriter writer, decimal value)
    {
        Span<byte> bytes = stackalloc byte[16];
        int[] parts = decimal.GetBits(value);
        for (int i = 0; i < parts.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(i * 4)..], parts[i]);
        }

        writer.Bytes(bytes);
    }

    private static decimal ReadDecimal(ref CodecReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.Bytes(16);
        int[] parts = new int[4];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * 4)..]);
        }

        try
        {
            return new decimal(parts);
        }
        catch (ArgumentException e)
        {
            throw new SerializerException("Serialised decimal has impossible bits.", e);
        }
    }
}
