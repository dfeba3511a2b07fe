using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>All weights of a shard, loaded and checked.</summary>
internal sealed unsafe class CpuWeights : IDisposable
{
    private readonly List<IDisposable> _owned;

    internal CpuWeights(List<IDisposable> owned) => _owned = owned;

    /// <summary>The model.</summary>
    public required ModelConfiguration Configuration { get; init; }

    /// <summary>The shard's layers.</summary>
    public required CpuLayer[] Layers { get; init; }

    /// <summary>Element type of the embedding rows.</summary>
    public required GgmlType EmbeddingType { get; init; }

    /// <summary>Embedding rows in the mapped file, V x C; null without embedding.</summary>
    public required byte* Embedding { get; init; }

    /// <summary>Final norm; null without head.</summary>
    public required float* FinalNorm { get; init; }

    /// <summary>Head, V x C; null without head.</summary>
    public required WeightMatrix? Head { get; init; }

    /// <summary>Added to the logits; null when there is none.</summary>
    public required float* HeadBias { get; init; }

    /// <summary>Rotation angles, one table for every kind of rotation among the layers.</summary>
    public required RopeTable[] Ropes { get; init; }

    /// <summary>Bytes of weights, packed or in place.</summary>
    public required long Bytes { get; init; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
        {
            owned.Dispose();
        }
    }
}
