using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Winnow.Inference.Cpu;

/// <summary>16 lanes in one 512-bit register.</summary>
internal readonly unsafe struct Lanes512 : ILanes<Lanes512>
{
    private readonly Vector512<float> _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lanes512(Vector512<float> v) => _v = v;

    public static bool IsSupported => Vector512.IsHardwareAccelerated;

    public static int Registers => 1;

    public static Lanes512 Zero => new(Vector512<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Broadcast(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadHalf(ushort* source) => new(HalfBits.Widen(Vector256.Load((short*)source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadBrain(ushort* source) => new(HalfBits.WidenBrain(Vector256.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadInt(int* source) => new(Vector512.ConvertToSingle(Vector512.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadBytes(sbyte* source) => FromBytes(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadLowNibbles(byte* source) => FromBytes(NibbleBits.Low(Vector128.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 LoadHighNibbles(byte* source) => FromBytes(NibbleBits.High(Vector128.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes512 value, float* destination) => value._v.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalf(Lanes512 value, ushort* destination)
    {
        Vector512<uint> bits = HalfBits.Narrow(value._v);
        Vector256.Narrow(bits.GetLower(), bits.GetUpper()).Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator +(Lanes512 left, Lanes512 right) => new(left._v + right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator -(Lanes512 left, Lanes512 right) => new(left._v - right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator *(Lanes512 left, Lanes512 right) => new(left._v * right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 operator /(Lanes512 left, Lanes512 right) => new(left._v / right._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Fma(Lanes512 a, Lanes512 b, Lanes512 c) => new(Vector512.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ReplaceBelow(Lanes512 value, Lanes512 limit, Lanes512 replacement) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(value._v, limit._v), replacement._v, value._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ReplaceAbove(Lanes512 value, Lanes512 limit, Lanes512 replacement) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(value._v, limit._v), replacement._v, value._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ZeroWhereBelow(Lanes512 value, Lanes512 selector, Lanes512 limit) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(selector._v, limit._v), Vector512<float>.Zero, value._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 PowerOfTwo(Lanes512 shifted) =>
        new((Vector512.ShiftLeft(shifted._v.AsInt32(), 23) + Vector512.Create(0x3F800000)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Abs(Lanes512 value) => new((value._v.AsInt32() & Vector512.Create(0x7FFFFFFF)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MaxMagnitude(Lanes512 left, Lanes512 right) =>
        new(Vector512.Max(left._v.AsInt32(), right._v.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LargestBits(Lanes512 value) => LaneTree.Largest(Vector256.Max(value._v.AsInt32().GetLower(), value._v.AsInt32().GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Max(Lanes512 left, Lanes512 right) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(left._v, right._v), left._v, right._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Lanes512 value) => Lanes256.Largest(value._v.GetLower(), value._v.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int StoreRounded(Lanes512 value, sbyte* bytes)
    {
        Vector512<int> rounded = Vector512.ConvertToInt32(Vector512.Round(value._v));
        rounded = Vector512.Min(Vector512.Max(rounded, Vector512.Create(-127)), Vector512.Create(127));
        Vector256<short> narrow = Vector256.Narrow(rounded.GetLower(), rounded.GetUpper());
        Vector128.Narrow(narrow.GetLower(), narrow.GetUpper()).Store(bytes);
        return Vector512.Sum(rounded);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes512 value) => LaneTree.Sum(value._v.GetLower() + value._v.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes512 FromBytes(Vector128<sbyte> bytes) =>
        new(Vector512.ConvertToSingle(System.Runtime.Intrinsics.X86.Avx512F.ConvertToVector512Int32(bytes)));
}
