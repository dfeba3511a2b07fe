namespace Winnow.Inference.Files;

/// <summary>Opens a GGUF file; a part of a split one brings in the others.</summary>
internal static class GgufModelReader
{
    /// <summary>Opens and checks.</summary>
    /// <exception cref="ModelFileException">The file, or another part of it, cannot be used.</exception>
    public static ModelFileContents Read(string path)
    {
        GgufPart first = GgufPart.Open(path);
        try
        {
            return GgufSplitSet.IsPart(first) ? GgufSplitSet.Read(first) : Single(first);
        }
        catch
        {
            first.Mapped.Dispose();
            throw;
        }
    }

    private static ModelFileContents Single(GgufPart part) => new()
    {
        Format = ModelFileFormat.Gguf,
        Version = part.Version,
        Parts = [part.Mapped],
        Metadata = part.Metadata,
        Tensors = part.Tensors,
    };
}
