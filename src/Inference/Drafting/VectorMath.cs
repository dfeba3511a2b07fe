using System.Numerics;
using System.Runtime.InteropServices;

namespace Winnow.Inference.Drafting;

/// <summary>Plain vector arithmetic of drafters, in whatever order is fast: what they guess is no part of the law.</summary>
internal static class VectorMath
{
    /// <summary>Sum of products.</summary>
    public static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        ReadOnlySpan<Vector<float>> a = MemoryMarshal.Cast<float, Vector<float>>(left);
        ReadOnlySpan<Vector<float>> b = MemoryMarshal.Cast<float, Vector<float>>(right);
        Vector<float> sums = Vector<float>.Zero;
        for (int i = 0; i < a.Length; i++)
        {
            sums += a[i] * b[i];
        }
        float sum = Vector.Sum(sums);
        for (int i = a.Length * Vector<float>.Count; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }
        return sum;
    }

    /// <summary>Adds a multiple of a vector to another.</summary>
    public static void Add(Span<float> target, ReadOnlySpan<float> source, float factor)
    {
        Span<Vector<float>> to = MemoryMarshal.Cast<float, Vector<float>>(target);
        ReadOnlySpan<Vector<float>> from = MemoryMarshal.Cast<float, Vector<float>>(source);
        for (int i = 0; i < to.Length; i++)
        {
            to[i] += from[i] * factor;
        }
        for (int i = to.Length * Vector<float>.Count; i < target.Length; i++)
        {
            target[i] += source[i] * factor;
        }
    }
}
