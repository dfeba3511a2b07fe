using ILGPU;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>What a launch of <see cref="LogitMaskKernel"/> reads and writes.</summary>
internal struct LogitMaskArguments
{
    /// <summary>Logits (rows x V).</summary>
    public ArrayView<float> Logits;

    /// <summary>Rows to mask.</summary>
    public ArrayView<int> Rows;

    /// <summary>Their masks, a bit for every id, 1 for those allowed.</summary>
    public ArrayView<ulong> Masks;

    /// <summary>Floats from a row of logits to the next.</summary>
    public int Stride;

    /// <summary>V: tokens of a row.</summary>
    public int Vocabulary;

    /// <summary>Id of a row's first token.</summary>
    public int FirstToken;

    /// <summary>Words from a mask to the next; ids beyond are refused.</summary>
    public int Words;
}
