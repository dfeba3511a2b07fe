namespace Orleans.Serialization;

/// <summary>A value type that may be missing.</summary>
internal sealed class NullableCodec<T>(ValueCodec<T> inner) : ValueCodec<T?>
    where T : struct
{
    internal override WireKind Kind => inner.Kind;

    internal override bool IsShallow => inner.IsShallow;

    internal override void WriteBody(CodecWriter writer, T? value) => inner.WriteBody(writer, value.GetValueOrDefault());

    internal override T? ReadBody(ref CodecReader reader) => inner.ReadBody(ref reader);

    internal override T? CopyBody(T? value, int depth) => inner.CopyBody(value.GetValueOrDefault(), depth);
}
