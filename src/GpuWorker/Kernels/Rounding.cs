using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels;

/// <summary>
/// Products that keep their own rounding. A device's compiler may fuse <c>a * b + c</c> into one operation, which gives other bits than the CPU's two;
/// where the bits must agree, the product passes an exclusive or with a zero that the compiler does not know.
/// </summary>
internal static class Rounding
{
    /// <summary>The product, not to be fused with what follows.</summary>
    /// <param name="product">A product.</param>
    /// <param name="zero">0: an argument of the kernel.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Own(float product, int zero) => Interop.IntAsFloat(Interop.FloatAsInt(product) ^ (uint)zero);

    /// <summary>The product, not to be fused with what follows.</summary>
    /// <param name="product">A product.</param>
    /// <param name="zero">0: an argument of the kernel.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Own(double product, int zero) => Interop.IntAsFloat(Interop.FloatAsInt(product) ^ (uint)zero);
}
