using ILGPU;

namespace Winnow.GpuWorker.Kernels.Rows;

/// <summary>What the kernel that adds the parts of several devices is given.</summary>
internal struct FoldArguments
{
    /// <summary>The first device's part.</summary>
    public ArrayView<FloatQuad> First;

    /// <summary>The second device's part.</summary>
    public ArrayView<FloatQuad> Second;

    /// <summary>The third device's part; none when it has no length, and then no fourth.</summary>
    public ArrayView<FloatQuad> Third;

    /// <summary>The fourth device's part.</summary>
    public ArrayView<FloatQuad> Fourth;

    /// <summary>The sums; may be one of the parts.</summary>
    public ArrayView<FloatQuad> Output;
}
