using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Winnow.Inference.Cpu;

/// <summary>16 lanes in two 256-bit registers.</summary>
internal readonly unsafe struct Lanes256 : ILanes<Lanes256>
{
    private readonly Vector256<float> _a;
    private readonly Vector256<float> _b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lanes256(Vector256<float> a, Vector256<float> b)
    {
        _a = a;
        _b = b;
    }

    public static bool IsSupported => Vector256.IsHardwareAccelerated;

    public static int Registers => 2;

    public static Lanes256 Zero => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Broadcast(float value)
    {
        Vector256<float> v = Vector256.Create(value);
        return new(v, v);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(float* source) => new(
        Vector256.Load(source + 0),
        Vector256.Load(source + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadHalf(ushort* source) => new(
        HalfBits.Widen(Vector128.Load((short*)source + 0)),
        HalfBits.Widen(Vector128.Load((short*)source + 8)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadBrain(ushort* source) => new(HalfBits.WidenBrain(Vector128.Load(source)), HalfBits.WidenBrain(Vector128.Load(source + 8)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadInt(int* source) => new(
        Vector256.ConvertToSingle(Vector256.Load(source + 0)),
        Vector256.ConvertToSingle(Vector256.Load(source + 8)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadBytes(sbyte* source) => FromBytes(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadLowNibbles(byte* source) => FromBytes(NibbleBits.Low(Vector128.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 LoadHighNibbles(byte* source) => FromBytes(NibbleBits.High(Vector128.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes256 value, float* destination)
    {
        value._a.Store(destination + 0);
        value._b.Store(destination + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreHalf(Lanes256 value, ushort* destination) =>
        Vector256.Narrow(HalfBits.Narrow(value._a), HalfBits.Narrow(value._b)).Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator +(Lanes256 left, Lanes256 right) => new(
        left._a + right._a,
        left._b + right._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator -(Lanes256 left, Lanes256 right) => new(
        left._a - right._a,
        left._b - right._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator *(Lanes256 left, Lanes256 right) => new(
        left._a * right._a,
        left._b * right._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator /(Lanes256 left, Lanes256 right) => new(
        left._a / right._a,
        left._b / right._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Fma(Lanes256 a, Lanes256 b, Lanes256 c) => new(
        Vector256.FusedMultiplyAdd(a._a, b._a, c._a),
        Vector256.FusedMultiplyAdd(a._b, b._b, c._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ReplaceBelow(Lanes256 value, Lanes256 limit, Lanes256 replacement) => new(
        Vector256.ConditionalSelect(Vector256.LessThan(value._a, limit._a), replacement._a, value._a),
        Vector256.ConditionalSelect(Vector256.LessThan(value._b, limit._b), replacement._b, value._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ReplaceAbove(Lanes256 value, Lanes256 limit, Lanes256 replacement) => new(
        Vector256.ConditionalSelect(Vector256.GreaterThan(value._a, limit._a), replacement._a, value._a),
        Vector256.ConditionalSelect(Vector256.GreaterThan(value._b, limit._b), replacement._b, value._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ZeroWhereBelow(Lanes256 value, Lanes256 selector, Lanes256 limit) => new(
        Vector256.ConditionalSelect(Vector256.LessThan(selector._a, limit._a), Vector256<float>.Zero, value._a),
        Vector256.ConditionalSelect(Vector256.LessThan(selector._b, limit._b), Vector256<float>.Zero, value._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 PowerOfTwo(Lanes256 shifted) => new(
        (Vector256.ShiftLeft(shifted._a.AsInt32(), 23) + Vector256.Create(0x3F800000)).AsSingle(),
        (Vector256.ShiftLeft(shifted._b.AsInt32(), 23) + Vector256.Create(0x3F800000)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Abs(Lanes256 value) => new(
        (value._a.AsInt32() & Vector256.Create(0x7FFFFFFF)).AsSingle(),
        (value._b.AsInt32() & Vector256.Create(0x7FFFFFFF)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MaxMagnitude(Lanes256 left, Lanes256 right) => new(
        Vector256.Max(left._a.AsInt32(), right._a.AsInt32()).AsSingle(),
        Vector256.Max(left._b.AsInt32(), right._b.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LargestBits(Lanes256 value) => LaneTree.Largest(Vector256.Max(value._a.AsInt32(), value._b.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Max(Lanes256 left, Lanes256 right) => new(
        Vector256.ConditionalSelect(Vector256.GreaterThan(left._a, right._a), left._a, right._a),
        Vector256.ConditionalSelect(Vector256.GreaterThan(left._b, right._b), left._b, right._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Lanes256 value) => Largest(value._a, value._b);

    /// <summary>Largest of two registers' lanes; unspecified when one is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(Vector256<float> a, Vector256<float> b)
    {
        Vector256<float> larger = Vector256.MaxNative(a, b);
        return Lanes128.Largest(larger.GetLower(), larger.GetUpper());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int StoreRounded(Lanes256 value, sbyte* bytes)
    {
        Vector256<int> low = Round(value._a);
        Vector256<int> high = Round(value._b);
        Vector256<short> narrow = Vector256.Narrow(low, high);
        Vector128.Narrow(narrow.GetLower(), narrow.GetUpper()).Store(bytes);
        return Vector256.Sum(low + high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes256 value) => LaneTree.Sum(value._a + value._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Round(Vector256<float> value)
    {
        Vector256<int> rounded = Vector256.ConvertToInt32(Vector256.Round(value));
        return Vector256.Min(Vector256.Max(rounded, Vector256.Create(-127)), Vector256.Create(127));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes256 FromBytes(Vector128<sbyte> bytes)
    {
        Vector256<short> wide = Vector256.Create(Vector128.WidenLower(bytes), Vector128.WidenUpper(bytes));
        return new(Vector256.ConvertToSingle(Vector256.WidenLower(wide)), Vector256.ConvertToSingle(Vector256.WidenUpper(wide)));
    }
}
