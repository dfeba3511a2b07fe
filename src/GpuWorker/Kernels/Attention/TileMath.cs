using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;
using Winnow.GpuWorker.Kernels.Tensor;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// Instructions of <see cref="TileKernels"/> that C# has no words for. Roundings are named, so that the text of a kernel says every bit of a result
/// wherever a row comes to lie in a tile.
/// </summary>
internal static class TileMath
{
    /// <summary>1024 as a half, twice: what codes below 1024 are or-ed with to become 1024 more.</summary>
    public const int HalfMagic = 0x64006400;

    // The half's 10 bits of a float's 23.
    private const uint HalfMantissa = 0xFFFFE000;

    /// <summary>2^x with a relative error of 2^-22; 0 for -infinity and results below 2^-126.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exp2(float x)
    {
        CudaAsm.Emit("ex2.approx.ftz.f32 %0, %1;", out float result, x);
        return result;
    }

    /// <summary>The product, rounded by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Multiply(float a, float b)
    {
        CudaAsm.Emit("mul.rn.f32 %0, %1, %2;", out float result, a, b);
        return result;
    }

    /// <summary>The part of a float that its first 11 bits hold; what is left of it has 13.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Head(float x) => Interop.IntAsFloat(Interop.FloatAsInt(x) & HalfMantissa);

    /// <summary>The halves of two floats' heads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PackHeads(float low, float high) => TensorCore.PackHalves(Head(low), Head(high));

    /// <summary>The halves of what the heads leave.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PackRests(float low, float high) => TensorCore.PackHalves(low - Head(low), high - Head(high));
}
