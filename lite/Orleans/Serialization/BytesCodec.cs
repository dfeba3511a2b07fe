namespace Orleans.Serialization;

/// <summary>Byte arrays, as they are.</summary>
internal sealed class BytesCodec : ValueCodec<byte[]>
{
    internal override WireKind Kind => WireKind.Bytes;

    internal override void WriteBody(CodecWriter writer, byte[] value) => writer.Bytes(value);

    internal override byte[] ReadBody(ref CodecReader reader) => reader.Bytes().ToArray();

    internal override byte[] CopyBody(byte[] value, int depth) => [.. value];
}
