using System.Runtime.Intrinsics;

namespace Winnow.Inference.Sampling;

/// <summary>
/// Natural logarithm and exponential from IEEE 754 additions, multiplications, divisions and bit operations only, so that every
/// platform gives the same bits. The C library's functions, which <see cref="Math"/> calls, differ between platforms.
/// </summary>
public static class PortableMath
{
    // ln 2 in two parts: the first has 21 trailing zero bits, so that k times it is exact for every exponent k.
    private const double Ln2High = 0.69314718036912382;
    private const double Ln2Low = 1.9082149292705877e-10;
    private const double Log2E = 1.4426950408889634;
    private const double SqrtHalf = 0.70710678118654752;
    private const double LowestExponent = -708;
    private const double HighestExponent = 709;
    private const double IntegerShifter = 1.5 * (1L << 52);
    private const int MantissaBits = 52;
    private const int ExponentBias = 1023;
    private const long MantissaMask = (1L << MantissaBits) - 1;

    /// <summary>
    /// Natural logarithm of a positive normal number, with a relative error below 2^-50.
    /// </summary>
    /// <param name="x">A finite number of at least 2^-1022. The result for anything else is not defined.</param>
    /// <remarks>x = 2^k m with m in [sqrt(1/2), sqrt(2)); log m = 2 atanh((m - 1) / (m + 1)) by its series.</remarks>
    public static double Log(double x)
    {
        long bits = BitConverter.DoubleToInt64Bits(x);
        long exponent = (bits >> MantissaBits) - ExponentBias + 1;
        double m = BitConverter.Int64BitsToDouble((bits & MantissaMask) | ((long)(ExponentBias - 1) << MantissaBits));
        if (m < SqrtHalf)
        {
            m += m;
            exponent--;
        }
        double f = (m - 1) / (m + 1);
        double square = f * f;
        // 1/(2n+1), n = 11 down to 1: the remainder at f = 0.1716 is below 2^-60 of the first term.
        double sum = 1.0 / 23;
        sum = (sum * square) + (1.0 / 21);
        sum = (sum * square) + (1.0 / 19);
        sum = (sum * square) + (1.0 / 17);
        sum = (sum * square) + (1.0 / 15);
        sum = (sum * square) + (1.0 / 13);
        sum = (sum * square) + (1.0 / 11);
        sum = (sum * square) + (1.0 / 9);
        sum = (sum * square) + (1.0 / 7);
        sum = (sum * square) + (1.0 / 5);
        sum = (sum * square) + (1.0 / 3);
        sum *= square;
        double k = exponent;
        return (k * Ln2High) + ((2 * f) + ((2 * f * sum) + (k * Ln2Low)));
    }

    /// <summary>
    /// e to the power <paramref name="x"/>, with a relative error below 2^-50; exactly 0 below -708.
    /// </summary>
    /// <param name="x">At most 709; larger arguments are taken as 709. Negative infinity gives 0.</param>
    public static double Exp(double x) => Exp(Vector128.CreateScalar(x).ToVector256()).ToScalar();

    /// <summary>e to the power of four numbers, the same bits as one at a time.</summary>
    /// <param name="x">See <see cref="Exp(double)"/>.</param>
    /// <remarks>
    /// x = k ln 2 + r with |r| at most ln(2)/2; e^r by its series, 2^k by the exponent bits. Vector operations round each lane as
    /// scalar ones do, and a product followed by a sum is never fused.
    /// </remarks>
    public static Vector256<double> Exp(Vector256<double> x)
    {
        Vector256<double> isZero = Vector256.LessThan(x, Vector256.Create(LowestExponent));
        x = Vector256.ConditionalSelect(isZero, Vector256.Create(LowestExponent), x);
        x = Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256.Create(HighestExponent)), x, Vector256.Create(HighestExponent));
        Vector256<double> k = Vector256.Floor((x * Log2E) + Vector256.Create(0.5));
        Vector256<double> r = x - (k * Ln2High) - (k * Ln2Low);
        // 1/n!, n = 13 down to 2: the remainder at |r| = ln(2)/2 is below 2^-57.
        Vector256<double> sum = Vector256.Create(1.0 / 6227020800);
        sum = (sum * r) + Vector256.Create(1.0 / 479001600);
        sum = (sum * r) + Vector256.Create(1.0 / 39916800);
        sum = (sum * r) + Vector256.Create(1.0 / 3628800);
        sum = (sum * r) + Vector256.Create(1.0 / 362880);
        sum = (sum * r) + Vector256.Create(1.0 / 40320);
        sum = (sum * r) + Vector256.Create(1.0 / 5040);
        sum = (sum * r) + Vector256.Create(1.0 / 720);
        sum = (sum * r) + Vector256.Create(1.0 / 120);
        sum = (sum * r) + Vector256.Create(1.0 / 24);
        sum = (sum * r) + Vector256.Create(1.0 / 6);
        sum = (sum * r) + Vector256.Create(1.0 / 2);
        // Adding 1.5 * 2^52 puts the integer k, plus the bias, into the low mantissa bits; the shift makes it the exponent.
        Vector256<long> power = (k + Vector256.Create(IntegerShifter + ExponentBias)).AsInt64() << MantissaBits;
        Vector256<double> result = (Vector256<double>.One + (r + (sum * r * r))) * power.AsDouble();
        return Vector256.ConditionalSelect(isZero, Vector256<double>.Zero, result);
    }

    /// <summary>
    /// The sum of exp(logit / temperature - best), taken in ascending id order.
    /// </summary>
    /// <param name="logits">Logits (V).</param>
    /// <param name="temperature">Above 0.</param>
    /// <param name="best">The largest of the quotients.</param>
    public static double SumExp(ReadOnlySpan<float> logits, double temperature, double best) => SumExp(logits, temperature, best, default);

    /// <summary>The same sum, and its terms.</summary>
    /// <param name="logits">Logits (V).</param>
    /// <param name="temperature">Above 0.</param>
    /// <param name="best">The largest of the quotients.</param>
    /// <param name="terms">Gets the terms (V).</param>
    public static double ExpAll(ReadOnlySpan<float> logits, double temperature, double best, Span<double> terms) =>
        SumExp(logits, temperature, best, terms[..logits.Length]);

    private static double SumExp(ReadOnlySpan<float> logits, double temperature, double best, Span<double> terms)
    {
        Vector256<double> divisor = Vector256.Create(temperature);
        Vector256<double> offset = Vector256.Create(best);
        double sum = 0;
        int id = 0;
        for (; id + 4 <= logits.Length; id += 4)
        {
            Vector128<float> four = Vector128.Create(logits.Slice(id, 4));
            (Vector128<double> low, Vector128<double> high) = Vector128.Widen(four);
            Vector256<double> weights = Exp((Vector256.Create(low, high) / divisor) - offset);
            if (!terms.IsEmpty)
            {
                weights.CopyTo(terms.Slice(id, 4));
            }
            sum += weights[0];
            sum += weights[1];
            sum += weights[2];
            sum += weights[3];
        }
        for (; id < logits.Length; id++)
        {
            double weight = Exp((logits[id] / temperature) - best);
            if (!terms.IsEmpty)
            {
                terms[id] = weight;
            }
            sum += weight;
        }
        return sum;
    }
}
