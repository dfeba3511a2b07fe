using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Winnow.Inference.Cpu;

/// <summary>Reductions of the virtual vector from eight lanes down: the fixed tree of sums, and the largest.</summary>
internal static class LaneTree
{
    /// <summary>Lanes i and i+4, then <see cref="Sum(Vector128{float})"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector256<float> lanes) => Sum(lanes.GetLower() + lanes.GetUpper());

    /// <summary>(0 + 2) + (1 + 3).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector128<float> lanes)
    {
        Vector128<float> pairs = lanes + Vector128.Shuffle(lanes, Vector128.Create(2, 3, 0, 1));
        return pairs.ToScalar() + pairs.GetElement(1);
    }

    /// <summary>The largest integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Largest(Vector256<int> lanes) => Largest(Vector128.Max(lanes.GetLower(), lanes.GetUpper()));

    /// <summary>The largest integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Largest(Vector128<int> lanes)
    {
        Vector128<int> pairs = Vector128.Max(lanes, Vector128.Shuffle(lanes, Vector128.Create(2, 3, 0, 1)));
        return Math.Max(pairs.ToScalar(), pairs.GetElement(1));
    }
}
