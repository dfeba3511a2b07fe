namespace Winnow.Inference.Files;

/// <summary>One GGUF file, mapped, with its checked header.</summary>
/// <param name="Mapped">The bytes.</param>
/// <param name="Version">Format version.</param>
/// <param name="Metadata">Key-value pairs.</param>
/// <param name="Tensors">Tensors in directory order.</param>
internal sealed record GgufPart(ModelFilePart Mapped, int Version, GgufMetadata Metadata, IReadOnlyList<GgufTensor> Tensors)
{
    /// <summary>Where the file is.</summary>
    public string Path => Mapped.Path;

    /// <summary>Maps a file and reads its header.</summary>
    /// <exception cref="ModelFileException">The file is missing, unreadable, or not as the format says.</exception>
    public static unsafe GgufPart Open(string path)
    {
        ModelFilePart mapped = ModelFilePart.Map(path, "a GGUF file");
        try
        {
            GgufHeader header = GgufHeader.Read(path, new GgufReader(path, mapped.Start, mapped.ByteLength), mapped.ByteLength);
            mapped.DataOffset = Math.Min(header.DataOffset, mapped.ByteLength);
            return new GgufPart(mapped, (int)header.Version, header.Metadata, header.Tensors);
        }
        catch
        {
            mapped.Dispose();
            throw;
        }
    }
}
