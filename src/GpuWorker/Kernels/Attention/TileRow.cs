using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>What the four lanes of a query know of it.</summary>
internal struct TileRow
{
    /// <summary>Index of its first element; -1 where there is no query.</summary>
    public int Query;

    /// <summary>Index of its result's first element.</summary>
    public int Output;

    /// <summary>Its partial result of split 0, times H, plus its head.</summary>
    public int Partial;

    /// <summary>First position that it reads.</summary>
    public int First;

    /// <summary>Last position that it reads.</summary>
    public int Last;

    /// <summary>What its elements are multiplied with, besides <see cref="AttentionArguments.QueryScale"/>, to fit halves: a power of two.</summary>
    public float Up;

    /// <summary>One over it.</summary>
    public float Down;

    /// <summary>Weights of the split are 2^(score - this); <see cref="AttentionMath.NoReference"/> before its first key.</summary>
    public int Reference;

    /// <summary>The lane's part of the split's sum of weights.</summary>
    public float Sum;

    /// <summary>The sum over the splits before.</summary>
    public PartialSum Total;

    // Queries are brought to 2^14 up to 2^15.
    private const int QueryExponent = 14 + 127;

    /// <summary>Finds a query of a work entry.</summary>
    public static TileRow Find(in AttentionArguments a, in WorkEntry work, int query)
    {
        TileRow row = default;
        row.Query = -1;
        row.Last = -1;
        row.Up = 1f;
        row.Down = 1f;
        row.Reference = AttentionMath.NoReference;
        row.Total.Reference = AttentionMath.NoReference;
        if (query < work.Queries)
        {
            int offset = query / work.HeadsTogether;
            int head = work.FirstHead + (query % work.HeadsTogether);
            int at = work.FirstRow + offset;
            row.Query = (at * a.QueryStride) + (head * a.HeadSize);
            row.Output = ((work.Destination + offset) * a.OutputStride) + (head * a.HeadSize);
            row.Partial = ((work.Partial + (offset * work.RowPartials)) * a.Heads) + head;
            row.Last = a.Pass[(at * PassMetadata.RowInts) + PassMetadata.RowPosition];
            int start = row.Last - a.Window + 1;
            row.First = a.Window == 0 || start < 0 ? 0 : start;
        }
        return row;
    }

    /// <summary>Chooses the power of two that its elements are multiplied with.</summary>
    public static TileRow Size(TileRow row, in AttentionArguments a)
    {
        float largest = 0f;
        if (row.Query >= 0)
        {
            for (int d = 2 * (Group.IdxX & 3); d < a.HeadSize; d += 8)
            {
                float x = a.Queries[row.Query + d] * a.QueryScale;
                float y = a.Queries[row.Query + d + 1] * a.QueryScale;
                x = x < 0f ? -x : x;
                y = y < 0f ? -y : y;
                largest = x > largest ? x : largest;
                largest = y > largest ? y : largest;
            }
        }
        largest = LargestOfFour(largest);
        int exponent = QueryExponent - ((KernelMath.Bits(largest) >> 23) & 255);
        exponent = exponent > 126 ? 126 : exponent;
        row.Up = KernelMath.Bits((127 + exponent) << 23);
        row.Down = KernelMath.Bits((127 - exponent) << 23);
        return row;
    }

    /// <summary>An element of the query, as large as halves hold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Element(in TileRow row, in AttentionArguments a, int d) =>
        row.Query < 0 ? 0f : TileMath.Multiply(TileMath.Multiply(a.Queries[row.Query + d], a.QueryScale), row.Up);

    /// <summary>The reference after a tile.</summary>
    /// <param name="reference">The reference before it.</param>
    /// <param name="largest">The tile's largest score.</param>
    /// <param name="weightBits">Weights are at most 2 to this power.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Raise(int reference, float largest, int weightBits)
    {
        int wanted = AttentionMath.Ceiling(largest) - weightBits;
        return largest == float.NegativeInfinity || wanted < reference ? reference : wanted;
    }

    /// <summary>The largest of what the four lanes of a query have.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LargestOfFour(float x)
    {
        float y = Warp.ShuffleXor(x, 1);
        x = y > x ? y : x;
        y = Warp.ShuffleXor(x, 2);
        return y > x ? y : x;
    }

    /// <summary>The sum of what the four lanes of a query have; the same bits in each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SumOfFour(float x)
    {
        x += Warp.ShuffleXor(x, 1);
        return x + Warp.ShuffleXor(x, 2);
    }
}
