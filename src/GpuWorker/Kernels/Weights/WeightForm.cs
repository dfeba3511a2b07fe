namespace Winnow.GpuWorker.Kernels.Weights;

/// <summary>The forms in which matrices lie on a device.</summary>
internal enum WeightForm
{
    /// <summary>Blocks of 32: a half and nibbles.</summary>
    Q4_0,

    /// <summary>Blocks of 32: a half and signed bytes.</summary>
    Q8_0,

    /// <summary>Super-blocks of 256: nibbles, eight scales and minima, two halves.</summary>
    Q4_K,

    /// <summary>Super-blocks of 256: codes of six bits, sixteen scales, a half.</summary>
    Q6_K,

    /// <summary>Halves.</summary>
    F16,

    /// <summary>Brain floats.</summary>
    BF16,

    /// <summary>Floats.</summary>
    F32,
}
