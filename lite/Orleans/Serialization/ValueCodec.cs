namespace Orleans.Serialization;

/// <summary>Copies, writes and reads values of one declared type.</summary>
internal abstract class ValueCodec
{
    /// <summary>The kind of every value but null.</summary>
    internal abstract WireKind Kind { get; }

    /// <summary>Whether values never change, so that a copy is the value itself.</summary>
    internal virtual bool IsShallow => false;

    /// <summary>Writes kind and value.</summary>
    internal abstract void WriteObject(CodecWriter writer, object? value);

    /// <summary>Reads kind and value.</summary>
    internal abstract object? ReadObject(ref CodecReader reader);

    /// <summary>A copy that shares nothing that can change.</summary>
    internal abstract object? CopyObject(object? value, int depth);
}
