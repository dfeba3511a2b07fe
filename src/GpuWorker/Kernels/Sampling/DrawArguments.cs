using ILGPU;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>What the launches of <see cref="DrawKernels"/> read and write.</summary>
internal struct DrawArguments
{
    /// <summary>Processed logits (rows x V).</summary>
    public ArrayView<float> Logits;

    /// <summary>How each row's token is drawn.</summary>
    public ArrayView<DrawParameters> Draws;

    /// <summary>Largest logit of each row's segments.</summary>
    public ArrayView<DrawResult> Scanned;

    /// <summary>Best token of each row's segments.</summary>
    public ArrayView<DrawResult> Segments;

    /// <summary>The tokens drawn.</summary>
    public ArrayView<DrawResult> Results;

    /// <summary>Floats from a row of logits to the next.</summary>
    public int Stride;

    /// <summary>V: tokens of a row.</summary>
    public int Vocabulary;

    /// <summary>Id of a row's first token: devices that share a vocabulary have a part each.</summary>
    public int FirstToken;

    /// <summary>Segments of a row.</summary>
    public int SegmentCount;

    /// <summary>See <see cref="Rounding"/>.</summary>
    public int Zero;
}
