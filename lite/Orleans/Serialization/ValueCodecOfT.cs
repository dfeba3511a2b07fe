namespace Orleans.Serialization;

/// <summary>Copies, writes and reads values of one declared type.</summary>
/// <typeparam name="T">The declared type.</typeparam>
internal abstract class ValueCodec<T> : ValueCodec
{
    /// <summary>Whether values of a list stand without their kind: none is ever null.</summary>
    internal static bool NeverNull => default(T) is not null;

    /// <summary>Writes the value after its kind.</summary>
    internal abstract void WriteBody(CodecWriter writer, T value);

    /// <summary>Reads the value after its kind.</summary>
    internal abstract T ReadBody(ref CodecReader reader);

    /// <summary>A copy of a value that is not null.</summary>
    internal virtual T CopyBody(T value, int depth) => value;

    internal void Write(CodecWriter writer, T? value)
    {
        if (value is null)
        {
            writer.Kind(WireKind.Null);
            return;
        }

        writer.Kind(Kind);
        WriteBody(writer, value);
    }

    internal T? Read(ref CodecReader reader)
    {
        WireKind kind = reader.Kind();
        if (kind is WireKind.Null && !NeverNull)
        {
            return default;
        }

        return kind == Kind
            ? ReadBody(ref reader)
            : throw reader.Malformed($"kind '{kind}' for type '{typeof(T)}'", $"'{Kind}'");
    }

    internal T? Copy(T? value, int depth) => value is null || IsShallow ? value : CopyBody(value, CheckDepth(depth));

    internal sealed override void WriteObject(CodecWriter writer, object? value) => Write(writer, (T?)value);

    internal sealed override object? ReadObject(ref CodecReader reader) => Read(ref reader);

    internal sealed override object? CopyObject(object? value, int depth) => IsShallow ? value : Copy((T?)value, depth);

    private static int CheckDepth(int depth) => depth <= CodecWriter.MaxDepth
        ? depth
        : throw new SerializerException(
            $"A value of type '{typeof(T)}' nests deeper than {CodecWriter.MaxDepth} levels; the lite build copies no cycles, send a flatter value.");
}
