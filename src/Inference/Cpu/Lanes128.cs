using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Winnow.Inference.Cpu;

/// <summary>16 lanes in four 128-bit registers: NEON, and x64 without AVX2.</summary>
internal readonly unsafe struct Lanes128 : ILanes<Lanes128>
{
    private readonly Vector128<float> _a;
    private readonly Vector128<float> _b;
    private readonly Vector128<float> _c;
    private readonly Vector128<float> _d;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lanes128(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        _a = a;
        _b = b;
        _c = c;
        _d = d;
    }

    public static bool IsSupported => Vector128.IsHardwareAccelerated;

    public static int Registers => 4;

    public static Lanes128 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Broadcast(float value)
    {
        Vector128<float> v = Vector128.Create(value);
        return new(v, v, v, v);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(float* source) => new(
        Vector128.Load(source + 0),
        Vector128.Load(source + 4),
        Vector128.Load(source + 8),
        Vector128.Load(source + 12));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadHalf(ushort* source) => new(
        HalfBits.Widen(Vector64.Load((short*)source + 0)),
        HalfBits.Widen(Vector64.Load((short*)source + 4)),
        HalfBits.Widen(Vector64.Load((short*)source + 8)),
        HalfBits.Widen(Vector64.Load((short*)source + 12)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadBrain(ushort* source) => new(
        HalfBits.WidenBrain(Vector64.Load(source + 0)),
        HalfBits.WidenBrain(Vector64.Load(source + 4)),
        HalfBits.WidenBrain(Vector64.Load(source + 8)),
        HalfBits.WidenBrain(Vector64.Load(source + 12)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadInt(int* source) => new(
        Vector128.ConvertToSingle(Vector128.Load(source + 0)),
        Vector128.ConvertToSingle(Vector128.Load(source + 4)),
        Vector128.ConvertToSingle(Vector128.Load(source + 8)),
        Vector128.ConvertToSingle(Vector128.Load(source + 12)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadBytes(sbyte* source) => FromBytes(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadLowNibbles(byte* source) => FromBytes(NibbleBits.Low(Vector128.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 LoadHighNibbles(byte* source) => FromBytes(NibbleBits.High(Vector128.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes128 value, float* destination)
    {
        value._a.Store(destination + 0);
        value._b.Store(destination + 4);
        value._c.Store(destination + 8);
        value._d.Store(destination + 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalf(Lanes128 value, ushort* destination)
    {
        Vector256.Narrow(HalfBits.Narrow(Vector256.Create(value._a, value._b)), HalfBits.Narrow(Vector256.Create(value._c, value._d)))
            .Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator +(Lanes128 left, Lanes128 right) => new(
        left._a + right._a,
        left._b + right._b,
        left._c + right._c,
        left._d + right._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator -(Lanes128 left, Lanes128 right) => new(
        left._a - right._a,
        left._b - right._b,
        left._c - right._c,
        left._d - right._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator *(Lanes128 left, Lanes128 right) => new(
        left._a * right._a,
        left._b * right._b,
        left._c * right._c,
        left._d * right._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator /(Lanes128 left, Lanes128 right) => new(
        left._a / right._a,
        left._b / right._b,
        left._c / right._c,
        left._d / right._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Fma(Lanes128 a, Lanes128 b, Lanes128 c) => new(
        Vector128.FusedMultiplyAdd(a._a, b._a, c._a),
        Vector128.FusedMultiplyAdd(a._b, b._b, c._b),
        Vector128.FusedMultiplyAdd(a._c, b._c, c._c),
        Vector128.FusedMultiplyAdd(a._d, b._d, c._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ReplaceBelow(Lanes128 value, Lanes128 limit, Lanes128 replacement) => new(
        Vector128.ConditionalSelect(Vector128.LessThan(value._a, limit._a), replacement._a, value._a),
        Vector128.ConditionalSelect(Vector128.LessThan(value._b, limit._b), replacement._b, value._b),
        Vector128.ConditionalSelect(Vector128.LessThan(value._c, limit._c), replacement._c, value._c),
        Vector128.ConditionalSelect(Vector128.LessThan(value._d, limit._d), replacement._d, value._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ReplaceAbove(Lanes128 value, Lanes128 limit, Lanes128 replacement) => new(
        Vector128.ConditionalSelect(Vector128.GreaterThan(value._a, limit._a), replacement._a, value._a),
        Vector128.ConditionalSelect(Vector128.GreaterThan(value._b, limit._b), replacement._b, value._b),
        Vector128.ConditionalSelect(Vector128.GreaterThan(value._c, limit._c), replacement._c, value._c),
        Vector128.ConditionalSelect(Vector128.GreaterThan(value._d, limit._d), replacement._d, value._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ZeroWhereBelow(Lanes128 value, Lanes128 selector, Lanes128 limit) => new(
        Vector128.ConditionalSelect(Vector128.LessThan(selector._a, limit._a), Vector128<float>.Zero, value._a),
        Vector128.ConditionalSelect(Vector128.LessThan(selector._b, limit._b), Vector128<float>.Zero, value._b),
        Vector128.ConditionalSelect(Vector128.LessThan(selector._c, limit._c), Vector128<float>.Zero, value._c),
        Vector128.ConditionalSelect(Vector128.LessThan(selector._d, limit._d), Vector128<float>.Zero, value._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 PowerOfTwo(Lanes128 shifted) => new(
        (Vector128.ShiftLeft(shifted._a.AsInt32(), 23) + Vector128.Create(0x3F800000)).AsSingle(),
        (Vector128.ShiftLeft(shifted._b.AsInt32(), 23) + Vector128.Create(0x3F800000)).AsSingle(),
        (Vector128.ShiftLeft(shifted._c.AsInt32(), 23) + Vector128.Create(0x3F800000)).AsSingle(),
        (Vector128.ShiftLeft(shifted._d.AsInt32(), 23) + Vector128.Create(0x3F800000)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Abs(Lanes128 value) => new(
        (value._a.AsInt32() & Vector128.Create(0x7FFFFFFF)).AsSingle(),
        (value._b.AsInt32() & Vector128.Create(0x7FFFFFFF)).AsSingle(),
        (value._c.AsInt32() & Vector128.Create(0x7FFFFFFF)).AsSingle(),
        (value._d.AsInt32() & Vector128.Create(0x7FFFFFFF)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MaxMagnitude(Lanes128 left, Lanes128 right) => new(
        Vector128.Max(left._a.AsInt32(), right._a.AsInt32()).AsSingle(),
        Vector128.Max(left._b.AsInt32(), right._b.AsInt32()).AsSingle(),
        Vector128.Max(left._c.AsInt32(), right._c.AsInt32()).AsSingle(),
        Vector128.Max(left._d.AsInt32(), right._d.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LargestBits(Lanes128 value) => LaneTree.Largest(
        Vector128.Max(Vector128.Max(value._a.AsInt32(), value._b.AsInt32()), Vector128.Max(value._c.AsInt32(), value._d.AsInt32())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Max(Lanes128 left, Lanes128 right) => new(
        Vector128.ConditionalSelect(Vector128.GreaterThan(left._a, right._a), left._a, right._a),
        Vector128.ConditionalSelect(Vector128.GreaterThan(left._b, right._b), left._b, right._b),
        Vector128.ConditionalSelect(Vector128.GreaterThan(left._c, right._c), left._c, right._c),
        Vector128.ConditionalSelect(Vector128.GreaterThan(left._d, right._d), left._d, right._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Lanes128 value) => Largest(Vector128.MaxNative(value._a, value._c), Vector128.MaxNative(value._b, value._d));

    /// <summary>Largest of two registers' lanes; unspecified when one is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector128<float> a, Vector128<float> b)
    {
        Vector128<float> larger = Vector128.MaxNative(a, b);
        larger = Vector128.MaxNative(larger, Vector128.Shuffle(larger, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(larger, Vector128.Shuffle(larger, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int StoreRounded(Lanes128 value, sbyte* bytes)
    {
        Vector128<int> a = Round(value._a);
        Vector128<int> b = Round(value._b);
        Vector128<int> c = Round(value._c);
        Vector128<int> d = Round(value._d);
        Vector128<short> low = Vector128.Narrow(a, b);
        Vector128<short> high = Vector128.Narrow(c, d);
        Vector128.Narrow(low, high).Store(bytes);
        return Vector128.Sum(a + b + (c + d));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes128 value) => LaneTree.Sum(value._a + value._c + (value._b + value._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Round(Vector128<float> value)
    {
        Vector128<int> rounded = Vector128.ConvertToInt32(Vector128.Round(value));
        return Vector128.Min(Vector128.Max(rounded, Vector128.Create(-127)), Vector128.Create(127));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes128 FromBytes(Vector128<sbyte> bytes)
    {
        Vector128<short> low = Vector128.WidenLower(bytes);
        Vector128<short> high = Vector128.WidenUpper(bytes);
        return new(
            Vector128.ConvertToSingle(Vector128.WidenLower(low)),
            Vector128.ConvertToSingle(Vector128.WidenUpper(low)),
            Vector128.ConvertToSingle(Vector128.WidenLower(high)),
            Vector128.ConvertToSingle(Vector128.WidenUpper(high)));
    }
}
