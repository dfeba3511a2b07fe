namespace Winnow.Inference.Files;

/// <summary>Opens a GGUF file; a part of a split one brings in the others.</summary>
internal static class GgufModelReader
{
    /// <summary>Opens and checks.</summary>
    /// <param name="path">The file, or any part of a split one.</param>
    /// <param name="source">Brings the files' bytes, or <see langword="null"/> when all of them are there.</param>
    /// <exception cref="ModelFileException">The file, or another part of it, cannot be used.</exception>
    public static ModelFileContents Read(string path, IModelSource? source)
    {
        GgufPart first = GgufPart.Open(path, source);
        try
        {
            return GgufSplitSet.IsPart(first) ? GgufSplitSet.Read(first, source) : Single(first);
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
