namespace Orleans.Serialization;

/// <summary>Whole messages: the format's version and values.</summary>
internal static class Payload
{
    /// <summary>The version this code writes and the only one it reads.</summary>
    internal const byte Version = 1;

    internal static byte[] Write(ReadOnlySpan<ValueCodec> codecs, ReadOnlySpan<object?> values)
    {
        var writer = new CodecWriter();
        writer.Byte(Version);
        for (int i = 0; i < codecs.Length; i++)
        {
            codecs[i].WriteObject(writer, values[i]);
        }

        return writer.Written.ToArray();
    }

    internal static object?[] Read(ReadOnlySpan<ValueCodec> codecs, ReadOnlySpan<byte> bytes)
    {
        var reader = new CodecReader(bytes);
        byte version = reader.Byte();
        if (version != Version)
        {
            throw reader.Malformed($"version '{version}'", $"'{Version}'");
        }

        var values = new object?[codecs.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = codecs[i].ReadObject(ref reader);
        }

        return reader.Remaining == 0 ? values : throw reader.Malformed($"'{reader.Remaining}' bytes after its end", "none");
    }

    internal static byte[] Write<T>(T value) => Write([CodecProvider.Get(typeof(T))], [value]);

    internal static T Read<T>(ReadOnlySpan<byte> bytes) => (T)Read([CodecProvider.Get(typeof(T))], bytes)[0]!;
}
