using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels;

/// <summary>
/// Functions that kernels share: transcendental ones by the CPU backend's polynomials, and halves by integer arithmetic, so that every device
/// computes the same formula. A device may fuse a product and a sum; no result depends on more than its arguments.
/// </summary>
internal static class KernelMath
{
    private const float Magic = 12582912f;
    private const int MagicBits = 0x4B400000;
    private const float LowestExponent = -87.3f;
    private const float HighestExponent = 88f;
    private const float HalfWidener = 5.192296858534828e33f;
    private const int HalfOverflowBits = 0x47800000;

    /// <summary>
    /// e^x with an error below 3 ulp in [-87.3, 88]; 0 below, e^88 above, NaN for NaN. Cephes' expf: x = n ln 2 + r, a polynomial of degree 7.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exp(float x)
    {
        float y = x < LowestExponent ? LowestExponent : x;
        y = y > HighestExponent ? HighestExponent : y;
        float shifted = (y * 1.44269504f) + Magic;
        float n = shifted - Magic;
        float r = (n * -0.693359375f) + y;
        r = (n * 2.12194440e-4f) + r;
        float p = (1.9875691500e-4f * r) + 1.3981999507e-3f;
        p = (p * r) + 8.3334519073e-3f;
        p = (p * r) + 4.1665795894e-2f;
        p = (p * r) + 1.6666665459e-1f;
        p = (p * r) + 5.0000001201e-1f;
        p = (p * (r * r)) + (r + 1f);
        float power = Bits((Bits(shifted) - MagicBits + 127) << 23);
        return x < LowestExponent ? 0f : p * power;
    }

    /// <summary>The hyperbolic tangent: Cephes' tanhf polynomial below 0.625, 1 - 2 / (e^2x + 1) above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Tanh(float x)
    {
        float z = x * x;
        float p = (-5.70498872745e-3f * z) + 2.06390887954e-2f;
        p = (p * z) + -5.37397155531e-2f;
        p = (p * z) + 1.33314422036e-1f;
        p = (p * z) + -3.33332819422e-1f;
        float near = (p * z * x) + x;
        float far = 1f - (2f / (Exp(x + x) + 1f));
        return z < 0.390625f ? near : far;
    }

    /// <summary>x / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Silu(float x) => x / (1f + Exp(-x));

    /// <summary>
    /// x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), argument and result rounded to halves below 10, as the CPU backend and llama.cpp do.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Gelu(float x)
    {
        float h = WidenHalf(NarrowHalf(x));
        float minusTwoU = h * ((h * h * (-2f * 0.79788456080286535588f * 0.044715f)) + (-2f * 0.79788456080286535588f));
        float y = WidenHalf(NarrowHalf(h / (1f + Exp(minusTwoU))));
        return x < 10f ? y : x;
    }

    /// <summary>The float of a half's 16 bits; exact but for infinity and NaN, which become numbers from 65,536 up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float WidenHalf(int half) => Bits((half << 16 >> 3) & unchecked((int)0x8FFFE000)) * HalfWidener;

    /// <summary>The float of a bfloat16's bits in the low half of an integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float WidenBrain(int bits) => Bits(bits << 16);

    /// <summary>The half nearest to a float, ties to even, too large ones infinite; as <c>HalfBits.Narrow</c> in the CPU backend.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NarrowHalf(float value)
    {
        int bits = Bits(value);
        int magnitudeBits = bits & 0x7FFFFFFF;
        float scaled = magnitudeBits < HalfOverflowBits ? Bits(magnitudeBits) * 4f : float.PositiveInfinity;
        int exponent = magnitudeBits & 0x7F800000;
        exponent = exponent > 0x38800000 ? exponent : 0x38800000;
        int sum = Bits(Bits(exponent + 0x07800000) + scaled);
        int magnitude = ((sum >> 13) & 0x7C00) + (sum & 0x0FFF);
        return ((bits >> 16) & 0x8000) | (magnitudeBits > 0x7F800000 ? 0x7E00 : magnitude);
    }

    /// <summary>The nearest integer, ties to even, of a number from -127 to 127; numbers beyond become these.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RoundToByte(float value)
    {
        // The limits keep a device from fusing the product that made the value with the sum below.
        float limited = value < -127f ? -127f : value;
        limited = limited > 127f ? 127f : limited;
        int rounded = Bits(limited + Magic) - MagicBits;
        return rounded < -127 || rounded > 127 ? 0 : rounded;
    }

    /// <summary>The bits of a float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Bits(float value) => (int)Interop.FloatAsInt(value);

    /// <summary>The float of some bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Bits(int bits) => Interop.IntAsFloat((uint)bits);
}
