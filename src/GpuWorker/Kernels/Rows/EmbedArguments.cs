using ILGPU;
using Winnow.GpuWorker.Kernels.Products;

namespace Winnow.GpuWorker.Kernels.Rows;

/// <summary>What the kernels that look embeddings up are given.</summary>
internal struct EmbedArguments
{
    /// <summary>The embedding matrix, V x C.</summary>
    public WeightViews Weights;

    /// <summary>Tokens.</summary>
    public ArrayView<int> Tokens;

    /// <summary>Rows.</summary>
    public ArrayView<float> Output;

    /// <summary>Elements of a row.</summary>
    public int Width;

    /// <summary>Floats from a row to the next.</summary>
    public int Stride;

    /// <summary>How the matrix's inputs are dealt to chains.</summary>
    public ChainLayout Layout;

    /// <summary>Factor on every element.</summary>
    public float Scale;
}
