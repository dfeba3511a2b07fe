namespace Winnow.GpuWorker.Kernels;

/// <summary>What kernels are made of on a device.</summary>
internal enum KernelVariant
{
    /// <summary>What every device has.</summary>
    Portable,

    /// <summary>Integer dot products and fused floats of CUDA, from capability 6.1 on.</summary>
    Dp4a,

    /// <summary>These, and tensor cores for many rows; from capability 8.0 on.</summary>
    Tensor,
}
