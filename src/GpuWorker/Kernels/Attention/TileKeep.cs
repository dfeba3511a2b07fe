using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>Where the weighted values of a query go at the end of a split.</summary>
internal struct TileKeep
{
    /// <summary>Partial results, or results.</summary>
    public ArrayView<float> Values;

    /// <summary>Index of the first element; -1 for nothing to keep.</summary>
    public int At;

    /// <summary>The reference of what lies there; <see cref="AttentionMath.NoReference"/> when it is written over.</summary>
    public int Before;

    /// <summary>The reference of what comes.</summary>
    public int Reference;

    /// <summary>Keeps two neighbouring elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(in TileKeep keep, int d, float x, float y)
    {
        if (keep.At < 0)
        {
            return;
        }
        int at = keep.At + d;
        if (keep.Before != AttentionMath.NoReference)
        {
            x = AttentionMath.Join(keep.Values[at], keep.Before, x, keep.Reference);
            y = AttentionMath.Join(keep.Values[at + 1], keep.Before, y, keep.Reference);
        }
        keep.Values[at] = x;
        keep.Values[at + 1] = y;
    }
}
