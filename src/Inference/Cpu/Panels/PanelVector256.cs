using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>AVX2: half a panel in a register. Partial sums are pairs of words.</summary>
internal readonly unsafe struct PanelVector256 : IPanelVector<PanelVector256>
{
    private readonly Vector256<byte> _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PanelVector256(Vector256<byte> v) => _v = v;

    public static bool IsSupported => Avx2.IsSupported;

    public static int Lanes => 8;

    public static PanelVector256 Zero => default;

    // Row r of a lane's four gets its byte in the upper half of both its words.
    private static Vector256<byte> Spread
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.Create(
        0x80, 0, 0x80, 0, 0x80, 1, 0x80, 1, 0x80, 2, 0x80, 2, 0x80, 3, 0x80, 3,
        0x80, 4, 0x80, 4, 0x80, 5, 0x80, 5, 0x80, 6, 0x80, 6, 0x80, 7, 0x80, (byte)7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 Load(byte* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 LookUp(byte* table, PanelVector256 indexes) =>
        new(Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(table), indexes._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 Right(PanelVector256 value, int shift, byte mask) =>
        new(Vector256.ShiftRightLogical(value._v.AsUInt16(), shift).AsByte() & Vector256.Create(mask));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 Left(PanelVector256 value, int shift, byte mask) =>
        new(Vector256.ShiftLeft(value._v.AsUInt16(), shift).AsByte() & Vector256.Create(mask));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 operator |(PanelVector256 left, PanelVector256 right) => new(left._v | right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Capacity(int most) => short.MaxValue / (2 * 127 * most);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 Dot(PanelVector256 sum, PanelVector256 codes, sbyte* activations) =>
        new((sum._v.AsInt16() + Avx2.MultiplyAddAdjacent(codes._v, Vector256.Create(*(int*)activations).AsSByte())).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 Join(PanelVector256 left, PanelVector256 right) => new((left._v.AsInt16() + right._v.AsInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 Scale(short value) => new(Vector256.Create(value).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 Scales(sbyte* source)
    {
        Vector256<byte> rows = Vector256.Create(*(long*)source).AsByte();
        return new(Vector256.ShiftRightArithmetic(Avx2.Shuffle(rows, Spread).AsInt16(), 8).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 Pairs(sbyte* source) => new(Avx2.ConvertToVector256Int16(Vector128.Load(source)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 LowPairs(byte* source) =>
        new(Avx2.ConvertToVector256Int16(Vector128.Load(source) & Vector128.Create((byte)15)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 HighPairs(byte* source) =>
        new(Vector256.ShiftRightLogical(Avx2.ConvertToVector256Int16(Vector128.Load(source)), 4).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 First(PanelVector256 pairs) => new(Avx2.ShuffleLow(
        Avx2.ShuffleHigh(pairs._v.AsInt16(), 0b10_10_00_00), 0b10_10_00_00).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 Second(PanelVector256 pairs) => new(Avx2.ShuffleLow(
        Avx2.ShuffleHigh(pairs._v.AsInt16(), 0b11_11_01_01), 0b11_11_01_01).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 Times16(PanelVector256 scales) => new(Vector256.ShiftLeft(scales._v.AsInt16(), 4).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 Accumulate(PanelVector256 integers, PanelVector256 sums, PanelVector256 scales) =>
        new((integers._v.AsInt32() + Avx2.MultiplyAddAdjacent(sums._v.AsInt16(), scales._v.AsInt16())).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 AccumulatePairs(PanelVector256 integers, PanelVector256 pairs, short* words) =>
        new((integers._v.AsInt32() + Avx2.MultiplyAddAdjacent(pairs._v.AsInt16(), Vector256.Create(*(int*)words).AsInt16())).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 AccumulateScales(PanelVector256 integers, PanelVector256 scales, short* words) =>
        AccumulatePairs(integers, scales, words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 LoadIntegers(int* source) => new(Vector256.Load((byte*)source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(PanelVector256 integers, int* destination) => integers._v.Store((byte*)destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 Subtract(PanelVector256 integers, int value) =>
        new((integers._v.AsInt32() - Vector256.Create(value)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 SubtractProduct(PanelVector256 integers, PanelVector256 others, int factor) =>
        new((integers._v.AsInt32() - (others._v.AsInt32() * factor)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 Halves(byte* source) => new(HalfBits.Widen(Vector128.Load((short*)source)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector256 Exponents(byte* source)
    {
        Vector256<int> bits = Vector256.ShiftLeft(Avx2.ConvertToVector256Int32(source), 23);
        return new((Vector256.Max(bits, Vector256.Create(HalfBits.LeastExponent)).AsSingle() * Vector256.Create(0.5f)).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish(float* total, PanelVector256 integers, PanelVector256 scales, float factor) => Vector256.FusedMultiplyAdd(
        Vector256.ConvertToSingle(integers._v.AsInt32()), scales._v.AsSingle() * Vector256.Create(factor), Vector256.Load(total)).Store(total);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish(float* total, PanelVector256 values, float factor) =>
        Vector256.FusedMultiplyAdd(values._v.AsSingle(), Vector256.Create(factor), Vector256.Load(total)).Store(total);
}
