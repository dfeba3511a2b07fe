using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>Numbers of attention's softmax: powers of two, so that bringing partial results to one reference is exact.</summary>
internal static class AttentionMath
{
    /// <summary>log2(e) as a float.</summary>
    public const float Log2E = 1.44269504f;

    /// <summary>The reference of a query that has read no key yet; no sum is brought to it.</summary>
    public const int NoReference = int.MinValue / 4;

    private const float Lowest = -126f;
    private const float Magic = 12582912f;

    /// <summary>2^n for n up to 127; 0 below -126.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float PowerOfTwo(int n) => n < -126 ? 0f : KernelMath.Bits((n + 127) << 23);

    /// <summary>The smallest integer not below x, for |x| below 2^31.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Ceiling(float x)
    {
        int n = (int)x;
        return n < x ? n + 1 : n;
    }

    /// <summary>2^x with a relative error below 2e-7 for x from -126 to 127; 0 below, NaN for NaN.</summary>
    /// <remarks>x = n + r with |r| at most 1/2; 2^r by its Taylor series to r^7, 2^n by the exponent's bits.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exp2(float x)
    {
        float y = x < Lowest ? Lowest : x;
        float shifted = y + Magic;
        float r = y - (shifted - Magic);
        float p = (1.52527338e-5f * r) + 1.54035304e-4f;
        p = (p * r) + 1.33335581e-3f;
        p = (p * r) + 9.61812911e-3f;
        p = (p * r) + 5.55041087e-2f;
        p = (p * r) + 2.40226507e-1f;
        p = (p * r) + 6.93147181e-1f;
        p = (p * r) + 1f;
        float power = KernelMath.Bits((KernelMath.Bits(shifted) - KernelMath.Bits(Magic) + 127) << 23);
        return x < Lowest ? 0f : p * power;
    }

    /// <summary>
    /// A sum with reference 2^<paramref name="reference"/> and one with another reference, with the larger of the two. Both factors are powers of
    /// two, so a device that fuses one of the products with the addition gives the same bits as one that fuses none.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Join(float sum, int reference, float other, int otherReference)
    {
        int larger = otherReference > reference ? otherReference : reference;
        return (sum * PowerOfTwo(reference - larger)) + (other * PowerOfTwo(otherReference - larger));
    }
}
