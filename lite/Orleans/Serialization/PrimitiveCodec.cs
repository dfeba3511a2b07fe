namespace Orleans.Serialization;

/// <summary>Reads one value after its kind.</summary>
internal delegate T ReadPrimitive<T>(ref CodecReader reader);

/// <summary>A type without parts.</summary>
internal sealed class PrimitiveCodec<T>(WireKind kind, Action<CodecWriter, T> write, ReadPrimitive<T> read) : ValueCodec<T>
{
    internal override WireKind Kind => kind;

    internal override bool IsShallow => true;

    internal override void WriteBody(CodecWriter writer, T value) => write(writer, value);

    internal override T ReadBody(ref CodecReader reader) => read(ref reader);
}
