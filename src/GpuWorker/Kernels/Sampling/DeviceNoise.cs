using System.Numerics;
using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>Gumbel noise for kernels: the float64 operations of <c>GumbelNoise</c> and <c>PortableMath.Log</c>, each rounded by itself.</summary>
internal static class DeviceNoise
{
    /// <summary>No noise value exceeds this.</summary>
    public const double Largest = 22.875;

    private const double Ln2High = 0.69314718036912382;
    private const double Ln2Low = 1.9082149292705877e-10;
    private const double Ln2Above = 0.6931472;
    private const double SqrtHalf = 0.70710678118654752;
    private const double WordScale = 1.0 / 4294967296.0;
    private const double LowestExponent = -708;
    private const double Log2E = 1.4426950408889634;
    private const double IntegerShifter = 1.5 * (1L << 52);
    private const int MantissaBits = 52;
    private const int ExponentBias = 1023;
    private const ulong MantissaMask = (1UL << MantissaBits) - 1;

    /// <summary>The noise that a random word stands for.</summary>
    /// <param name="word">Word.</param>
    /// <param name="zero">See <see cref="Rounding"/>.</param>
    public static double FromWord(uint word, int zero) => -Log(-Log((word + 0.5) * WordScale, zero), zero);

    /// <summary>A cheap upper bound of <see cref="FromWord"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Bound(uint word) => (BitOperations.LeadingZeroCount(~word) + 1) * Ln2Above;

    /// <summary>e^x to within 1e-14 of itself for x up to 0; 0 below -708. The series of <c>PortableMath.Exp</c>, products fused or not.</summary>
    /// <param name="x">Not above 0.</param>
    public static double Exp(double x)
    {
        double limited = x < LowestExponent ? LowestExponent : x;
        double shifted = (limited * Log2E) + IntegerShifter;
        double k = shifted - IntegerShifter;
        double r = limited - (k * Ln2High) - (k * Ln2Low);
        double sum = 1.0 / 6227020800;
        sum = (sum * r) + (1.0 / 479001600);
        sum = (sum * r) + (1.0 / 39916800);
        sum = (sum * r) + (1.0 / 3628800);
        sum = (sum * r) + (1.0 / 362880);
        sum = (sum * r) + (1.0 / 40320);
        sum = (sum * r) + (1.0 / 5040);
        sum = (sum * r) + (1.0 / 720);
        sum = (sum * r) + (1.0 / 120);
        sum = (sum * r) + (1.0 / 24);
        sum = (sum * r) + (1.0 / 6);
        sum = (sum * r) + (1.0 / 2);
        // The low bits of a number above 2^52 are an integer: k; with the bias and shifted it is the exponent.
        ulong power = (Interop.FloatAsInt(shifted) + ExponentBias) << MantissaBits;
        double result = (1.0 + (r + (sum * r * r))) * Interop.IntAsFloat(power);
        return x < LowestExponent ? 0.0 : result;
    }

    private static double Log(double x, int zero)
    {
        ulong bits = Interop.FloatAsInt(x);
        int exponent = (int)(uint)(bits >> MantissaBits) - ExponentBias + 1;
        double m = Interop.IntAsFloat((bits & MantissaMask) | ((ulong)(ExponentBias - 1) << MantissaBits));
        if (m < SqrtHalf)
        {
            m += m;
            exponent--;
        }
        double f = (m - 1.0) / (m + 1.0);
        double square = f * f;
        double sum = 1.0 / 23;
        sum = Rounding.Own(sum * square, zero) + (1.0 / 21);
        sum = Rounding.Own(sum * square, zero) + (1.0 / 19);
        sum = Rounding.Own(sum * square, zero) + (1.0 / 17);
        sum = Rounding.Own(sum * square, zero) + (1.0 / 15);
        sum = Rounding.Own(sum * square, zero) + (1.0 / 13);
        sum = Rounding.Own(sum * square, zero) + (1.0 / 11);
        sum = Rounding.Own(sum * square, zero) + (1.0 / 9);
        sum = Rounding.Own(sum * square, zero) + (1.0 / 7);
        sum = Rounding.Own(sum * square, zero) + (1.0 / 5);
        sum = Rounding.Own(sum * square, zero) + (1.0 / 3);
        sum *= square;
        double k = exponent;
        double low = Rounding.Own(2.0 * f * sum, zero) + Rounding.Own(k * Ln2Low, zero);
        return Rounding.Own(k * Ln2High, zero) + ((2.0 * f) + low);
    }
}
