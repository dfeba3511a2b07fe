using ILGPU;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>What a launch of <see cref="LogitEditKernel"/> reads and writes.</summary>
internal struct LogitEditArguments
{
    /// <summary>Logits (rows x V).</summary>
    public ArrayView<float> Logits;

    /// <summary>Edits.</summary>
    public ArrayView<LogitEdit> Edits;

    /// <summary>Penalties by row.</summary>
    public ArrayView<LogitPenalties> Penalties;

    /// <summary>Edits.</summary>
    public int Count;

    /// <summary>Floats from a row of logits to the next.</summary>
    public int Stride;

    /// <summary>See <see cref="Rounding"/>.</summary>
    public int Zero;
}
