using Winnow.Fetching;

namespace Winnow.Silo.Placement;

/// <summary>A model on a server has not been read yet; its size is not known until then.</summary>
/// <param name="path">The model.</param>
internal sealed class ModelNotReadException(string path)
    : Exception($"'{ModelLocation.Shown(path)}' has not been read from its server yet; it is being read.");
