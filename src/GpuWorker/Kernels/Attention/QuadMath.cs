using System.Runtime.CompilerServices;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>Arithmetic on one number of each of four queries.</summary>
internal static class QuadMath
{
    /// <summary>The same number four times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatQuad All(float value) => new(value, value, value, value);

    /// <summary><c>sum + factors * value</c>, each by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatQuad AddProduct(FloatQuad sum, FloatQuad factors, float value) => new(
        (factors.X * value) + sum.X, (factors.Y * value) + sum.Y, (factors.Z * value) + sum.Z, (factors.W * value) + sum.W);

    /// <summary><c>a + b</c>, each by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatQuad Add(FloatQuad a, FloatQuad b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z, a.W + b.W);

    /// <summary>The larger ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatQuad Max(FloatQuad a, FloatQuad b) => new(
        b.X > a.X ? b.X : a.X, b.Y > a.Y ? b.Y : a.Y, b.Z > a.Z ? b.Z : a.Z, b.W > a.W ? b.W : a.W);

    /// <summary>One of the four, by its index.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float At(FloatQuad quad, int index)
    {
        float low = index == 0 ? quad.X : quad.Y;
        float high = index == 2 ? quad.Z : quad.W;
        return index < 2 ? low : high;
    }
}
