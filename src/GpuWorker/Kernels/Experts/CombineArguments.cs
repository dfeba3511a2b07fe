using ILGPU;

namespace Winnow.GpuWorker.Kernels.Experts;

/// <summary>What the kernel that sums experts is given.</summary>
internal struct CombineArguments
{
    /// <summary>Rows of all chosen experts, the best of a row first.</summary>
    public ArrayView<FloatQuad> Terms;

    /// <summary>Shares.</summary>
    public ArrayView<float> Shares;

    /// <summary>Sums.</summary>
    public ArrayView<FloatQuad> Output;

    /// <summary>Elements of a row.</summary>
    public int Width;

    /// <summary>Quads from a row of an expert to the next.</summary>
    public int TermStride;

    /// <summary>Quads from a row of sums to the next.</summary>
    public int OutputStride;

    /// <summary>Experts of a row.</summary>
    public int Used;
}
