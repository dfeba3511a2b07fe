using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>The inner step of every panel product: unpack two chunks of codes and multiply them with one or four activation rows.</summary>
/// <remarks>
/// Two partial sums a row: of inputs 0 to 15 and 16 to 31, or, when codes come as two nibbles, of low and high nibbles.
/// </remarks>
internal static unsafe class Chunks<V, TCodes>
    where V : unmanaged, IPanelVector<V>
    where TCodes : struct, ICodePlanes
{
    /// <summary>Partial sums must be taken in halves of the 32 inputs.</summary>
    public static bool TwoHalves
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => V.Capacity(TCodes.Most) < 4;
    }

    /// <summary>One row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(byte* planes, int step, sbyte* x, ref V a, ref V b)
    {
        TCodes.Unpack(planes, step, out V first, out V second, out V firstHigh, out V secondHigh);
        Multiply(first, second, firstHigh, secondHigh, x + (step * 4), ref a, ref b);
    }

    /// <summary>Four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Step(
        byte* planes, int step, sbyte* x, long stride, ref V a0, ref V b0, ref V a1, ref V b1, ref V a2, ref V b2, ref V a3, ref V b3)
    {
        TCodes.Unpack(planes, step, out V first, out V second, out V firstHigh, out V secondHigh);
        x += step * 4;
        Multiply(first, second, firstHigh, secondHigh, x, ref a0, ref b0);
        Multiply(first, second, firstHigh, secondHigh, x + stride, ref a1, ref b1);
        Multiply(first, second, firstHigh, secondHigh, x + (2 * stride), ref a2, ref b2);
        Multiply(first, second, firstHigh, secondHigh, x + (3 * stride), ref a3, ref b3);
    }

    /// <summary>Adds both partial sums, scaled, to 32-bit integers.</summary>
    /// <param name="integers">The integers.</param>
    /// <param name="a">First partial sum.</param>
    /// <param name="b">Second partial sum.</param>
    /// <param name="first">Scale of inputs 0 to 15, or of all.</param>
    /// <param name="second">Scale of inputs 16 to 31, or of the high nibbles.</param>
    /// <param name="same">Both scales are the same.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Sum(V integers, V a, V b, V first, V second, bool same)
    {
        if (same && V.Capacity(TCodes.Most) >= 8)
        {
            return V.Accumulate(integers, V.Join(a, b), first);
        }
        return V.Accumulate(V.Accumulate(integers, a, first), b, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(V first, V second, V firstHigh, V secondHigh, sbyte* x, ref V a, ref V b)
    {
        a = V.Dot(a, first, x);
        if (TCodes.IsSplit)
        {
            a = V.Dot(a, second, x + 16);
            b = V.Dot(V.Dot(b, firstHigh, x), secondHigh, x + 16);
        }
        else
        {
            b = V.Dot(b, second, x + 16);
        }
    }
}
