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

    /// <summary>
    /// The hyperbolic tangent with an error below 3 ulp near 0 and below 2e-7 elsewhere: Cephes' tanhf polynomial below 0.625, 1 - 2 / (e^2x + 1)
    /// above.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Tanh(T x)
    {
        T one = T.Broadcast(1f);
        T size = T.Abs(x);
        T y = T.ReplaceBelow(T.ReplaceAbove(x, one, one), T.Zero - one, T.Zero - one);
        T z = y * y;
        T p = T.Broadcast(-5.70498872745e-3f);
        p = T.Fma(p, z, T.Broadcast(2.06390887954e-2f));
        p = T.Fma(p, z, T.Broadcast(-5.37397155531e-2f));
        p = T.Fma(p, z, T.Broadcast(1.33314422036e-1f));
        p = T.Fma(p, z, T.Broadcast(-3.33332819422e-1f));
        T near = T.Fma(p * z, y, y);
        T limit = T.Broadcast(0.625f);
        T far = one - (T.Broadcast(2f) / (Exp(x + x) + one));
        return T.ZeroWhereBelow(far, size, limit) + (near - T.ZeroWhereBelow(near, size, limit));
    }

    /// <summary>
    /// x / 2 * (1 + tanh(u)) with u = sqrt(2 / pi) * (x + 0.044715 x^3), as x / (1 + e^-2u).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T GeluTanh(T x)
    {
        T minusTwoU = x * T.Fma(x * x, T.Broadcast(-2f * 0.79788456080286535588f * 0.044715f), T.Broadcast(-2f * 0.79788456080286535588f));
        return x / (T.Broadcast(1f) + Exp(minusTwoU));
    }

    /// <summary>x / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Silu(T x) => x / (T.Broadcast(1f) + Exp(T.Zero - x));
}
