namespace ILGPU.Runtime.Cuda;

/// <summary>Inline PTX, which only CUDA devices run.</summary>
public static class CudaAsm
{
    /// <summary>Whether the device runs PTX; never in this edition. Kernels that use it have another way behind this.</summary>
    public static bool IsSupported => false;
}
