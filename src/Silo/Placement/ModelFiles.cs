using System.Collections.Concurrent;
using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Drafting.Heads;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Silo.Placement;

/// <summary>Sizes of model files, from their headers alone. Read again when a file changed.</summary>
internal sealed class ModelFiles
{
    private readonly ConcurrentDictionary<string, (DateTime Written, ModelFootprint Footprint)> _known = new(StringComparer.Ordinal);

    /// <summary>The sizes of a model file.</summary>
    /// <exception cref="ModelFileException">The file is not a model that Winnow knows.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public ModelFootprint Measure(string path)
    {
        DateTime written = LastWritten(path);
        if (_known.TryGetValue(path, out (DateTime Written, ModelFootprint Footprint) known) && known.Written == written)
        {
            return known.Footprint;
        }
        using ModelFile file = ModelFile.Open(path);
        ModelFootprint footprint = ModelFootprint.Read(file);
        _known[path] = (written, footprint);
        return footprint;
    }

    /// <summary>The sizes of a head's file.</summary>
    /// <param name="path">The head.</param>
    /// <param name="target">The model it drafts for.</param>
    /// <exception cref="ModelFileException">The file is not a head, or not one for this target.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static HeadConfiguration MeasureHead(string path, ModelConfiguration target)
    {
        using ModelFile file = ModelFile.Open(path);
        return HeadConfiguration.Read(file, target);
    }

    /// <summary>The sizes of an early exit's file.</summary>
    /// <param name="path">The exit.</param>
    /// <param name="targetPath">The model it drafts for.</param>
    /// <exception cref="ModelFileException">The file is not an early exit, or not one for this target.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ExitModel MeasureExit(string path, string targetPath)
    {
        using ModelFile file = ModelFile.Open(path);
        using ModelFile target = ModelFile.Open(targetPath);
        return ExitModel.Read(file, target);
    }

    private static DateTime LastWritten(string path) => Directory.Exists(path)
        ? Directory.EnumerateFiles(path).Select(File.GetLastWriteTimeUtc).Append(Directory.GetLastWriteTimeUtc(path)).Max()
        : File.GetLastWriteTimeUtc(path);
}
