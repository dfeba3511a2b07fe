using ILGPU;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>What a launch of <see cref="LogitWeightKernel"/> reads and writes.</summary>
internal struct LogitWeightArguments
{
    /// <summary>Processed logits (rows x V).</summary>
    public ArrayView<float> Logits;

    /// <summary>Rows to sum.</summary>
    public ArrayView<int> Rows;

    /// <summary>How each row's token is drawn: its temperature.</summary>
    public ArrayView<DrawParameters> Draws;

    /// <summary>What was drawn in each row: its largest logit.</summary>
    public ArrayView<DrawResult> Drawn;

    /// <summary>Sums (rows to sum x segments).</summary>
    public ArrayView<double> Sums;

    /// <summary>Floats from a row of logits to the next.</summary>
    public int Stride;

    /// <summary>V: tokens of a row.</summary>
    public int Vocabulary;

    /// <summary>Segments of a row.</summary>
    public int SegmentCount;
}
