using ILGPU;

namespace Winnow.GpuWorker.Kernels.Rows;

/// <summary>What the kernel that gathers rows is given.</summary>
internal struct GatherArguments
{
    /// <summary>Rows.</summary>
    public ArrayView<FloatQuad> Input;

    /// <summary>Gathered rows.</summary>
    public ArrayView<FloatQuad> Output;

    /// <summary>The row of the input that every gathered row is.</summary>
    public ArrayView<int> Rows;

    /// <summary>Elements of a row.</summary>
    public int Width;

    /// <summary>Quads from a row of the input to the next.</summary>
    public int InputStride;

    /// <summary>Quads from a gathered row to the next.</summary>
    public int OutputStride;
}
