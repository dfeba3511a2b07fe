using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>A quarter of a panel in 128 bits: NEON, x64 without AVX2, and any other processor with 128-bit vectors.</summary>
/// <remarks>Partial sums and scales are 32-bit integers, because Arm's dot product adds into them; pairs are words.</remarks>
internal readonly unsafe struct PanelVector128 : IPanelVector<PanelVector128>
{
    private readonly Vector128<byte> _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PanelVector128(Vector128<byte> v) => _v = v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PanelVector128(Vector128<int> v) => _v = v.AsByte();

    public static bool IsSupported => Vector128.IsHardwareAccelerated;

    /// <summary>What the processor does its products with.</summary>
    public static string Name => Dp.IsSupported ? "neon-dot" : AdvSimd.IsSupported ? "neon" : "vector128";

    public static int Lanes => 4;

    public static PanelVector128 Zero => default;

    private Vector128<int> Integers
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _v.AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 Load(byte* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 LookUp(byte* table, PanelVector128 indexes) => new(Vector128.Shuffle(Vector128.Load(table), indexes._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 Right(PanelVector128 value, int shift, byte mask) =>
        new(Vector128.ShiftRightLogical(value._v.AsUInt16(), shift).AsByte() & Vector128.Create(mask));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 Left(PanelVector128 value, int shift, byte mask) =>
        new(Vector128.ShiftLeft(value._v.AsUInt16(), shift).AsByte() & Vector128.Create(mask));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 operator |(PanelVector128 left, PanelVector128 right) => new(left._v | right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Capacity(int most) => int.MaxValue / (4 * 127 * most);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 Dot(PanelVector128 sum, PanelVector128 codes, sbyte* activations)
    {
        Vector128<sbyte> x = Vector128.Create(*(int*)activations).AsSByte();
        if (Dp.IsSupported)
        {
            return new(Dp.DotProduct(sum.Integers, codes._v.AsSByte(), x));
        }
        if (Ssse3.IsSupported)
        {
            return new(sum.Integers + Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(codes._v, x), Vector128.Create((short)1)));
        }
        Vector128<int> quads = codes.Integers;
        Vector128<int> result = sum.Integers + ((quads & Vector128.Create(255)) * activations[0]);
        result += (Vector128.ShiftRightLogical(quads, 8) & Vector128.Create(255)) * activations[1];
        result += (Vector128.ShiftRightLogical(quads, 16) & Vector128.Create(255)) * activations[2];
        return new(result + (Vector128.ShiftRightLogical(quads, 24) * activations[3]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 Join(PanelVector128 left, PanelVector128 right) => new(left.Integers + right.Integers);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 Scale(short value) => new(Vector128.Create((int)value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 Scales(sbyte* source) =>
        new(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(int*)source).AsSByte())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 Pairs(sbyte* source) =>
        new(Vector128.WidenLower(Vector128.CreateScalar(*(long*)source).AsSByte()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 LowPairs(byte* source) =>
        new(Vector128.WidenLower(Vector128.CreateScalar(*(long*)source).AsByte() & Vector128.Create((byte)15)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 HighPairs(byte* source) =>
        new(Vector128.ShiftRightLogical(Vector128.WidenLower(Vector128.CreateScalar(*(long*)source).AsByte()), 4).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 First(PanelVector128 pairs) => new(Vector128.ShiftRightArithmetic(Vector128.ShiftLeft(pairs.Integers, 16), 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 Second(PanelVector128 pairs) => new(Vector128.ShiftRightArithmetic(pairs.Integers, 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 Times16(PanelVector128 scales) => new(Vector128.ShiftLeft(scales.Integers, 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 Accumulate(PanelVector128 integers, PanelVector128 sums, PanelVector128 scales) =>
        new(integers.Integers + (sums.Integers * scales.Integers));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 AccumulatePairs(PanelVector128 integers, PanelVector128 pairs, short* words) =>
        new(integers.Integers + (First(pairs).Integers * words[0]) + (Second(pairs).Integers * words[1]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 AccumulateScales(PanelVector128 integers, PanelVector128 scales, short* words) =>
        new(integers.Integers + (scales.Integers * (words[0] + words[1])));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 LoadIntegers(int* source) => new(Vector128.Load((byte*)source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(PanelVector128 integers, int* destination) => integers._v.Store((byte*)destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 Subtract(PanelVector128 integers, int value) => new(integers.Integers - Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 SubtractProduct(PanelVector128 integers, PanelVector128 others, int factor) =>
        new(integers.Integers - (others.Integers * factor));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 Halves(byte* source) => new(HalfBits.Widen(Vector64.Load((short*)source)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector128 Exponents(byte* source)
    {
        Vector128<uint> bits = Vector128.ShiftLeft(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(int*)source).AsByte())), 23);
        return new((Vector128.Max(bits.AsInt32(), Vector128.Create(HalfBits.LeastExponent)).AsSingle() * Vector128.Create(0.5f)).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish(float* total, PanelVector128 integers, PanelVector128 scales, float factor) => Vector128.FusedMultiplyAdd(
        Vector128.ConvertToSingle(integers.Integers), scales._v.AsSingle() * Vector128.Create(factor), Vector128.Load(total)).Store(total);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish(float* total, PanelVector128 values, float factor) =>
        Vector128.FusedMultiplyAdd(values._v.AsSingle(), Vector128.Create(factor), Vector128.Load(total)).Store(total);
}
