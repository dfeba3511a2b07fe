using ILGPU;

namespace Winnow.GpuWorker.Kernels.Rows;

/// <summary>What the kernel that joins a layer's part to the hidden states is given.</summary>
internal struct JoinArguments
{
    /// <summary>What the part gave; with a norm, the sums with the bias replace it.</summary>
    public ArrayView<FloatQuad> Result;

    /// <summary>Hidden states.</summary>
    public ArrayView<FloatQuad> Hidden;

    /// <summary>Added to the result; none when it has no length.</summary>
    public ArrayView<FloatQuad> Bias;

    /// <summary>The norm's weights; none when it has no length.</summary>
    public ArrayView<FloatQuad> Norm;

    /// <summary>Elements of a row.</summary>
    public int Width;

    /// <summary>Quads from a row of the result to the next.</summary>
    public int ResultStride;

    /// <summary>Quads from a row of the hidden states to the next.</summary>
    public int HiddenStride;

    /// <summary>Added to the mean square.</summary>
    public float Epsilon;
}
