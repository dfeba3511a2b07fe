namespace Winnow.GpuWorker.Kernels.Activations;

/// <summary>The forms in which products read their input rows.</summary>
[Flags]
internal enum ActivationForms
{
    /// <summary>None: only floats in their natural order are written.</summary>
    None = 0,

    /// <summary>8-bit codes in blocks of 32, for Q4_0 and Q8_0.</summary>
    Blocks = 1,

    /// <summary>8-bit codes in super-blocks of 256, for Q4_K and Q6_K.</summary>
    SuperBlocks = 2,

    /// <summary>Floats in chain order, for F16, BF16 and F32.</summary>
    Floats = 4,
}
