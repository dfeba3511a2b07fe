using System.Collections.Concurrent;
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
        DateTime written = File.GetLastWriteTimeUtc(path);
        if (_known.TryGetValue(path, out (DateTime Written, ModelFootprint Footprint) known) && known.Written == written)
        {
            return known.Footprint;
        }
        using GgufFile file = GgufFile.Open(path);
        ModelFootprint footprint = ModelFootprint.Read(file);
        _known[path] = (written, footprint);
        return footprint;
    }
}
