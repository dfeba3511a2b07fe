using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>AVX-512: a whole panel in a register. Partial sums are pairs of words.</summary>
internal readonly unsafe struct PanelVector512 : IPanelVector<PanelVector512>
{
    private readonly Vector512<byte> _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PanelVector512(Vector512<byte> v) => _v = v;

    public static bool IsSupported => Avx512BW.IsSupported && Avx512F.IsSupported;

    public static int Lanes => 16;

    public static PanelVector512 Zero => default;

    // Row r of a lane's four gets its byte in the upper half of both its words.
    private static Vector512<byte> Spread
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
        0x80, 0, 0x80, 0, 0x80, 1, 0x80, 1, 0x80, 2, 0x80, 2, 0x80, 3, 0x80, 3,
        0x80, 4, 0x80, 4, 0x80, 5, 0x80, 5, 0x80, 6, 0x80, 6, 0x80, 7, 0x80, 7,
        0x80, 8, 0x80, 8, 0x80, 9, 0x80, 9, 0x80, 10, 0x80, 10, 0x80, 11, 0x80, 11,
        0x80, 12, 0x80, 12, 0x80, 13, 0x80, 13, 0x80, 14, 0x80, 14, 0x80, 15, 0x80, (byte)15);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 Load(byte* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 LookUp(byte* table, PanelVector512 indexes) =>
        new(Avx512BW.Shuffle(Avx512F.BroadcastVector128ToVector512((int*)table).AsByte(), indexes._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 Right(PanelVector512 value, int shift, byte mask) =>
        new(Vector512.ShiftRightLogical(value._v.AsUInt16(), shift).AsByte() & Vector512.Create(mask));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 Left(PanelVector512 value, int shift, byte mask) =>
        new(Vector512.ShiftLeft(value._v.AsUInt16(), shift).AsByte() & Vector512.Create(mask));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 operator |(PanelVector512 left, PanelVector512 right) => new(left._v | right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Capacity(int most) => short.MaxValue / (2 * 127 * most);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 Dot(PanelVector512 sum, PanelVector512 codes, sbyte* activations) =>
        new((sum._v.AsInt16() + Avx512BW.MultiplyAddAdjacent(codes._v, Vector512.Create(*(int*)activations).AsSByte())).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 Join(PanelVector512 left, PanelVector512 right) => new((left._v.AsInt16() + right._v.AsInt16()).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 Scale(short value) => new(Vector512.Create(value).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 Scales(sbyte* source)
    {
        Vector512<byte> rows = Avx512F.BroadcastVector128ToVector512((int*)source).AsByte();
        return new(Vector512.ShiftRightArithmetic(Avx512BW.Shuffle(rows, Spread).AsInt16(), 8).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 Pairs(sbyte* source) => new(Avx512BW.ConvertToVector512Int16(Vector256.Load(source)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 LowPairs(byte* source) =>
        new(Avx512BW.ConvertToVector512Int16(Vector256.Load(source) & Vector256.Create((byte)15)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 HighPairs(byte* source) =>
        new(Vector512.ShiftRightLogical(Avx512BW.ConvertToVector512Int16(Vector256.Load(source)), 4).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 First(PanelVector512 pairs) => new(Avx512BW.ShuffleLow(
        Avx512BW.ShuffleHigh(pairs._v.AsInt16(), 0b10_10_00_00), 0b10_10_00_00).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 Second(PanelVector512 pairs) => new(Avx512BW.ShuffleLow(
        Avx512BW.ShuffleHigh(pairs._v.AsInt16(), 0b11_11_01_01), 0b11_11_01_01).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 Times16(PanelVector512 scales) => new(Vector512.ShiftLeft(scales._v.AsInt16(), 4).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 Accumulate(PanelVector512 integers, PanelVector512 sums, PanelVector512 scales) =>
        new((integers._v.AsInt32() + Avx512BW.MultiplyAddAdjacent(sums._v.AsInt16(), scales._v.AsInt16())).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 AccumulatePairs(PanelVector512 integers, PanelVector512 pairs, short* words) =>
        new((integers._v.AsInt32() + Avx512BW.MultiplyAddAdjacent(pairs._v.AsInt16(), Vector512.Create(*(int*)words).AsInt16())).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 AccumulateScales(PanelVector512 integers, PanelVector512 scales, short* words) =>
        AccumulatePairs(integers, scales, words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 LoadIntegers(int* source) => new(Vector512.Load((byte*)source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(PanelVector512 integers, int* destination) => integers._v.Store((byte*)destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 Subtract(PanelVector512 integers, int value) =>
        new((integers._v.AsInt32() - Vector512.Create(value)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 SubtractProduct(PanelVector512 integers, PanelVector512 others, int factor) =>
        new((integers._v.AsInt32() - (others._v.AsInt32() * factor)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 Halves(byte* source) => new(HalfBits.Widen(Vector256.Load((short*)source)).AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PanelVector512 Exponents(byte* source)
    {
        Vector512<int> bits = Vector512.ShiftLeft(Avx512F.ConvertToVector512Int32(Vector128.Load(source)), 23);
        return new((Vector512.Max(bits, Vector512.Create(HalfBits.LeastExponent)).AsSingle() * Vector512.Create(0.5f)).AsByte());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish(float* total, PanelVector512 integers, PanelVector512 scales, float factor) => Vector512.FusedMultiplyAdd(
        Vector512.ConvertToSingle(integers._v.AsInt32()), scales._v.AsSingle() * Vector512.Create(factor), Vector512.Load(total)).Store(total);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finish(float* total, PanelVector512 values, float factor) =>
        Vector512.FusedMultiplyAdd(values._v.AsSingle(), Vector512.Create(factor), Vector512.Load(total)).Store(total);
}
