using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu;

/// <summary>Transcendental functions over the virtual vector, the same bits on every width.</summary>
internal static class LaneMath<T>
    where T : unmanaged, ILanes<T>
{
    private const float LowestExponent = -87.3f;
    private const float HighestExponent = 88f;

    /// <summary>
    /// e^x with an error below 2 ulp in [-87.3, 88]; 0 below, e^88 above, NaN for NaN.
    /// </summary>
    /// <remarks>
    /// x = n ln 2 + r with |r| at most ln(2) / 2, ln 2 in two parts (Cody and Waite), a polynomial of degree 7 in r with the coefficients of
    /// Cephes' expf, times 2^n. Adding 1.5 * 2^23 rounds to an integer whose low bits are n.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exp(T x)
    {
        T lowest = T.Broadcast(LowestExponent);
        T highest = T.Broadcast(HighestExponent);
        T y = T.ReplaceAbove(T.ReplaceBelow(x, lowest, lowest), highest, highest);
        T magic = T.Broadcast(12582912f);
        T shifted = T.Fma(y, T.Broadcast(1.44269504f), magic);
        T n = shifted - magic;
        T r = T.Fma(n, T.Broadcast(-0.693359375f), y);
        r = T.Fma(n, T.Broadcast(2.12194440e-4f), r);
        T p = T.Broadcast(1.9875691500e-4f);
        p = T.Fma(p, r, T.Broadcast(1.3981999507e-3f));
        p = T.Fma(p, r, T.Broadcast(8.3334519073e-3f));
        p = T.Fma(p, r, T.Broadcast(4.1665795894e-2f));
        p = T.Fma(p, r, T.Broadcast(1.6666665459e-1f));
        p = T.Fma(p, r, T.Broadcast(5.0000001201e-1f));
        p = T.Fma(p, r * r, r + T.Broadcast(1f));
        return T.ZeroWhereBelow(p * T.PowerOfTwo(shifted), x, lowest);
    }

    /// <summary>x / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Silu(T x) => x / (T.Broadcast(1f) + Exp(T.Zero - x));
}
