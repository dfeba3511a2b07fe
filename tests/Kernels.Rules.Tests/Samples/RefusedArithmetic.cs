using System.Numerics;
using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.Kernels.Rules.Tests.Samples;

/// <summary>What arithmetic and which functions may not be used.</summary>
internal static class RefusedArithmetic
{
    [Refused(Refusal.BitFloat, "becomes the bits of the integer")]
    public static void ConditionAsFloat(ArrayView<float> values) => values[0] = values[1] > values[2] ? 1 : 0;

    [Refused(Refusal.WrongSign, "with the wrong sign")]
    public static void IntAsUlongAsFloat(ArrayView<int> values, ArrayView<float> floats) => floats[0] = (ulong)values[0];

    [Refused(Refusal.Joined, "joins the two constants")]
    public static void JoinedConstants(ArrayView<float> values) => values[0] = values[1] * 5.192296858534828e33f * 7.703719777548943e-34f;

    [Refused(Refusal.Exchanged, "operands exchanged")]
    public static void CopySign(ArrayView<float> values) => values[0] = MathF.CopySign(3f, values[1]);

    [Refused(Refusal.Throws, "the remainder of floats")]
    public static void FloatRemainder(ArrayView<float> values) => values[0] = values[1] % values[2];

    [Refused(Refusal.Extern, "unresolved extern")]
    public static void FusedMultiplyAdd(ArrayView<float> values) => values[0] = MathF.FusedMultiplyAdd(values[1], values[2], values[3]);

    [Refused(Refusal.Extern, "unresolved extern")]
    public static void Truncate(ArrayView<float> values) => values[0] = MathF.Truncate(values[1]);

    [Refused(Refusal.Throws, "own exp and log")]
    public static void Exp(ArrayView<float> values) => values[0] = MathF.Exp(values[1]);

    [Refused(Refusal.Throws, "own exp and log")]
    public static void Log(ArrayView<float> values) => values[0] = MathF.Log(values[1]);

    [Refused(Refusal.Throws, "own exp and log")]
    public static void Pow(ArrayView<float> values) => values[0] = MathF.Pow(values[1], values[2]);

    [Refused(Refusal.Elsewhere, "not on the list")]
    public static void Sin(ArrayView<float> values) => values[0] = MathF.Sin(values[1]) + MathF.Cos(values[2]);

    [Refused(Refusal.Elsewhere, "not on the list")]
    public static void Round(ArrayView<float> values) => values[0] = MathF.Round(values[1]);

    [Refused(Refusal.Throws, "use IntrinsicMath.Clamp")]
    public static void Clamp(ArrayView<float> values) => values[0] = Math.Clamp(values[1], 0f, 1f);

    [Refused(Refusal.Throws, "not on the list")]
    public static void Sign(ArrayView<float> values) => values[0] = MathF.Sign(values[1]);

    [Refused(Refusal.Throws, "not on the list")]
    public static void Log2(ArrayView<uint> values) => values[0] = (uint)BitOperations.Log2(values[1]);

    [Refused(Refusal.Throws, "not on the list")]
    public static void BigMul(ArrayView<ulong> values) => values[0] = Math.BigMul(values[1], values[2], out ulong low) + low;

    [Refused(Refusal.Throws, "the type 'Decimal'")]
    public static void Decimals(ArrayView<int> values)
    {
        decimal value = values[0];
        values[1] = (int)(value * 2);
    }

    [Refused(Refusal.Throws, "the type 'IntPtr'")]
    public static void NativeIntegers(ArrayView<int> values)
    {
        nint value = values[0];
        values[1] = (int)(value * value);
    }

    [Refused(Refusal.Throws, "use Interop.FloatAsInt")]
    public static void SystemHalf(ArrayView<ushort> bits, ArrayView<float> values) => values[0] = (float)BitConverter.UInt16BitsToHalf(bits[0]);

    [Refused(Refusal.Elsewhere, "cuts where CUDA rounds")]
    public static void NarrowedHalf(ArrayView<ILGPU.Half> halves, ArrayView<float> values) => halves[0] = (ILGPU.Half)values[0];

    [Refused(Refusal.Elsewhere, "cuts where CUDA rounds")]
    public static void HalfProduct(ArrayView<ILGPU.Half> halves) => halves[0] = halves[1] * halves[2];

    [Refused(Refusal.Throws, "use Interop.FloatAsInt")]
    public static void BitCast(ArrayView<float> values, ArrayView<int> bits) => bits[0] = Unsafe.BitCast<float, int>(values[0]);

    [Refused(Refusal.Throws, "use Interop.FloatAsInt")]
    public static void UnsignedBits(ArrayView<float> values, ArrayView<uint> bits) => bits[0] = BitConverter.SingleToUInt32Bits(values[0]);

    [Refused(Refusal.Throws, "vector types of the BCL")]
    public static void Vectors(ArrayView<float> values) => values[0] = Vector4.Dot(new Vector4(values[1]), new Vector4(values[2]));
}
