using System.Runtime.CompilerServices;
using ILGPU.Runtime.Cuda;

namespace Winnow.GpuWorker.Kernels;

/// <summary>
/// Instructions of CUDA devices from compute capability 6.1 on: four products of bytes at once, and a fused product and sum that no compiler
/// decides about. In kernels that run elsewhere the portable operations take their place.
/// </summary>
internal readonly struct CudaMath : IDeviceMath
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Dot4(int a, int b, int sum)
    {
        if (CudaAsm.IsSupported)
        {
            CudaAsm.Emit("dp4a.s32.s32 %0, %1, %2, %3;", out int result, a, b, sum);
            return result;
        }
        return PortableMath.Dot4(a, b, sum);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Fma(float a, float b, float c)
    {
        if (CudaAsm.IsSupported)
        {
            CudaAsm.Emit("fma.rn.f32 %0, %1, %2, %3;", out float result, a, b, c);
            return result;
        }
        return PortableMath.Fma(a, b, c);
    }
}
