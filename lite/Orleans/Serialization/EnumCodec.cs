using System.Globalization;

namespace Orleans.Serialization;

/// <summary>An enum, as its number. Numbers without a name pass: the other side may be of another version.</summary>
internal sealed class EnumCodec<T> : ValueCodec<T>
    where T : struct, Enum
{
    private static readonly bool IsUInt64 = Enum.GetUnderlyingType(typeof(T)) == typeof(ulong);

    internal override WireKind Kind => WireKind.Varint;

    internal override bool IsShallow => true;

    internal override void WriteBody(CodecWriter writer, T value) => writer.Zigzag(IsUInt64
        ? unchecked((long)Convert.ToUInt64(value, CultureInfo.InvariantCulture))
        : Convert.ToInt64(value, CultureInfo.InvariantCulture));

    internal override T ReadBody(ref CodecReader reader)
    {
        long number = reader.Zigzag();
        var value = (T)Enum.ToObject(typeof(T), number);
        return IsUInt64 || Convert.ToInt64(value, CultureInfo.InvariantCulture) == number
            ? value
            : throw reader.Malformed($"number '{number}'", $"what enum '{typeof(T)}' can hold");
    }
}
