using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Winnow.Inference.Cpu;

/// <summary>
/// IEEE half floats by integer arithmetic, the same on every width. .NET has no vector instruction for these conversions.
/// </summary>
/// <remarks>
/// Widening places the half's exponent and fraction in a float's fields and multiplies by 2^112, which is exact for zero, subnormal
/// and normal halves; infinity and NaN come out as values from 65,536 up. Narrowing rounds to nearest even by adding a power of two that
/// pushes the bits to drop off the end of the fraction.
/// </remarks>
internal static class HalfBits
{
    private const int FieldMask = unchecked((int)0x8FFFE000);
    private const float Widener = 5.192296858534828e33f;   // 2^112
    private const float ToInfinity = 5.192296858534828e33f; // 2^112
    private const float ToZero = 7.703719777548943e-34f;    // 2^-110

    /// <summary>Bits of 2^-127: what the smallest block exponent, 0, is before it is halved.</summary>
    public const int LeastExponent = 0x00400000;

    /// <summary>One half, widened.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(ushort half) => BitConverter.Int32BitsToSingle(((short)half << 13) & FieldMask) * Widener;

    /// <summary>One bfloat16, widened.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float WidenBrain(ushort half) => BitConverter.Int32BitsToSingle(half << 16);

    /// <summary>2^(e - 128): a block exponent of the microscaling formats, halved because their codes are doubled.</summary>
    public static float WidenExponent(byte e) => BitConverter.Int32BitsToSingle(Math.Max(e << 23, LeastExponent)) * 0.5f;

    /// <summary>16 bfloat16, widened.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WidenBrain(Vector256<ushort> halves)
    {
        Vector512<int> wide = Vector512.IsHardwareAccelerated
            ? System.Runtime.Intrinsics.X86.Avx512F.ConvertToVector512Int32(halves)
            : Vector512.Create(Vector256.WidenLower(halves), Vector256.WidenUpper(halves)).AsInt32();
        return Vector512.ShiftLeft(wide, 16).AsSingle();
    }

    /// <summary>8 bfloat16, widened.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> WidenBrain(Vector128<ushort> halves)
    {
        Vector256<int> wide = System.Runtime.Intrinsics.X86.Avx2.IsSupported
            ? System.Runtime.Intrinsics.X86.Avx2.ConvertToVector256Int32(halves)
            : Vector256.Create(Vector128.WidenLower(halves), Vector128.WidenUpper(halves)).AsInt32();
        return Vector256.ShiftLeft(wide, 16).AsSingle();
    }

    /// <summary>4 bfloat16, widened.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> WidenBrain(Vector64<ushort> halves) =>
        Vector128.ShiftLeft(Vector128.WidenLower(halves.ToVector128Unsafe()), 16).AsSingle();

    /// <summary>16 halves, widened.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Widen(Vector256<short> halves)
    {
        Vector512<int> wide = Vector512.IsHardwareAccelerated
            ? System.Runtime.Intrinsics.X86.Avx512F.ConvertToVector512Int32(halves)
            : Vector512.Create(Vector256.WidenLower(halves), Vector256.WidenUpper(halves));
        return (Vector512.ShiftLeft(wide, 13) & Vector512.Create(FieldMask)).AsSingle() * Vector512.Create(Widener);
    }

    /// <summary>8 halves, widened.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Widen(Vector128<short> halves)
    {
        Vector256<int> wide = System.Runtime.Intrinsics.X86.Avx2.IsSupported
            ? System.Runtime.Intrinsics.X86.Avx2.ConvertToVector256Int32(halves)
            : Vector256.Create(Vector128.WidenLower(halves), Vector128.WidenUpper(halves));
        return (Vector256.ShiftLeft(wide, 13) & Vector256.Create(FieldMask)).AsSingle() * Vector256.Create(Widener);
    }

    /// <summary>4 halves, widened.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Widen(Vector64<short> halves)
    {
        Vector128<int> wide = Vector128.WidenLower(halves.ToVector128Unsafe());
        return (Vector128.ShiftLeft(wide, 13) & Vector128.Create(FieldMask)).AsSingle() * Vector128.Create(Widener);
    }

    /// <summary>One float rounded to a half, in the same steps as the vectors.</summary>
    public static ushort Narrow(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        uint twice = bits + bits;
        float scaled = BitConverter.UInt32BitsToSingle(bits & 0x7FFFFFFF) * ToInfinity * ToZero;
        uint bias = Math.Max(twice & 0xFF000000, 0x71000000);
        uint sum = BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle((bias >> 1) + 0x07800000) + scaled);
        uint magnitude = ((sum >> 13) & 0x7C00) + (sum & 0x0FFF);
        return (ushort)(((bits & 0x80000000) >> 16) | (twice > 0xFF000000 ? 0x7E00 : magnitude));
    }

    /// <summary>16 floats rounded to halves, in the low words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Narrow(Vector512<float> value)
    {
        Vector512<uint> bits = value.AsUInt32();
        Vector512<uint> twice = bits + bits;
        Vector512<float> scaled = (bits & Vector512.Create(0x7FFFFFFFu)).AsSingle() * Vector512.Create(ToInfinity) * Vector512.Create(ToZero);
        Vector512<uint> bias = Vector512.Max(twice & Vector512.Create(0xFF000000u), Vector512.Create(0x71000000u));
        Vector512<uint> sum = ((Vector512.ShiftRightLogical(bias, 1) + Vector512.Create(0x07800000u)).AsSingle() + scaled).AsUInt32();
        Vector512<uint> magnitude = (Vector512.ShiftRightLogical(sum, 13) & Vector512.Create(0x7C00u)) + (sum & Vector512.Create(0x0FFFu));
        Vector512<uint> nan = Vector512.GreaterThan(twice, Vector512.Create(0xFF000000u));
        return Vector512.ShiftRightLogical(bits & Vector512.Create(0x80000000u), 16)
            | Vector512.ConditionalSelect(nan, Vector512.Create(0x7E00u), magnitude);
    }

    /// <summary>8 floats rounded to halves, in the low words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Narrow(Vector256<float> value)
    {
        Vector256<uint> bits = value.AsUInt32();
        Vector256<uint> twice = bits + bits;
        Vector256<float> scaled = (bits & Vector256.Create(0x7FFFFFFFu)).AsSingle() * Vector256.Create(ToInfinity) * Vector256.Create(ToZero);
        Vector256<uint> bias = Vector256.Max(twice & Vector256.Create(0xFF000000u), Vector256.Create(0x71000000u));
        Vector256<uint> sum = ((Vector256.ShiftRightLogical(bias, 1) + Vector256.Create(0x07800000u)).AsSingle() + scaled).AsUInt32();
        Vector256<uint> magnitude = (Vector256.ShiftRightLogical(sum, 13) & Vector256.Create(0x7C00u)) + (sum & Vector256.Create(0x0FFFu));
        Vector256<uint> nan = Vector256.GreaterThan(twice, Vector256.Create(0xFF000000u));
        return Vector256.ShiftRightLogical(bits & Vector256.Create(0x80000000u), 16)
            | Vector256.ConditionalSelect(nan, Vector256.Create(0x7E00u), magnitude);
    }
}
