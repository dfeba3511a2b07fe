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
    /// <param name="path">The file.</param>
    /// <param name="source">Brings its bytes, or <see langword="null"/> when all of them are there.</param>
    /// <exception cref="ModelFileException">The file is missing, unreadable, or not as the format says.</exception>
    public static unsafe GgufPart Open(string path, IModelSource? source)
    {
        ModelFilePart mapped = ModelFilePart.Map(path, "a GGUF file", source);
        try
        {
            GgufHeader header = GgufHeader.Read(path, new GgufReader(mapped), mapped.ByteLength);
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
