using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>A layer's vectors that belong to queries, keys and values; the default has none.</summary>
internal readonly record struct RopeStoreWeights
{
    /// <summary>Added to the queries (H x D); empty for none.</summary>
    public ArrayView<float> QueryBias { get; init; }

    /// <summary>Added to the keys (G x D); empty for none.</summary>
    public ArrayView<float> KeyBias { get; init; }

    /// <summary>Added to the values (G x D); empty for none.</summary>
    public ArrayView<float> ValueBias { get; init; }

    /// <summary>Weights of the query heads' norm (D); empty for none.</summary>
    public ArrayView<float> QueryNorm { get; init; }

    /// <summary>Weights of the key heads' norm (D); empty for none.</summary>
    public ArrayView<float> KeyNorm { get; init; }
}
