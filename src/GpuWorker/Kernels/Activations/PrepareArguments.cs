using ILGPU;

namespace Winnow.GpuWorker.Kernels.Activations;

/// <summary>What the kernels that prepare rows are given.</summary>
internal struct PrepareArguments
{
    /// <summary>Rows, or the gate's rows.</summary>
    public ArrayView<FloatQuad> Input;

    /// <summary>The norm's weights, or up's rows.</summary>
    public ArrayView<FloatQuad> Second;

    /// <summary>The rows' floats in their natural order; written when it has a length.</summary>
    public ArrayView<FloatQuad> Output;

    /// <summary>The prepared rows.</summary>
    public ActivationViews Prepared;

    /// <summary>Elements of a row.</summary>
    public int Width;

    /// <summary>Quads from a row of the input to the next.</summary>
    public int InputStride;

    /// <summary>Quads from a row of up to the next.</summary>
    public int SecondStride;

    /// <summary>Quads from a row of the output to the next.</summary>
    public int OutputStride;

    /// <summary>Added to the mean square.</summary>
    public float Epsilon;

    /// <summary>Not 0: GELU in place of SiLU.</summary>
    public int Gelu;

    /// <summary>What is written: <see cref="ActivationForms"/>.</summary>
    public int Forms;

    /// <summary>How blocks are dealt to chains.</summary>
    public ChainLayout Blocks;

    /// <summary>How super-blocks are dealt to chains.</summary>
    public ChainLayout SuperBlocks;

    /// <summary>How floats are dealt to chains.</summary>
    public ChainLayout Floats;
}
