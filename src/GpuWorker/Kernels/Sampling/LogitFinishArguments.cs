using ILGPU;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>What a launch of <see cref="LogitFinishKernel"/> reads and writes.</summary>
internal struct LogitFinishArguments
{
    /// <summary>Logits (rows x V).</summary>
    public ArrayView<float> Logits;

    /// <summary>Bias (V); any view where there is none.</summary>
    public ArrayView<float> Bias;

    /// <summary>Floats from a row to the next.</summary>
    public int Stride;

    /// <summary>V: tokens in the vocabulary.</summary>
    public int Vocabulary;

    /// <summary>1 when there is a bias.</summary>
    public int HasBias;

    /// <summary>Cap; 0 for none.</summary>
    public float Cap;

    /// <summary>1 / cap.</summary>
    public float Inverse;
}
