using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu;

/// <summary>
/// Softmax attention in spans of 256 positions from absolute multiples of 256, one after another. Per query: the score of key j is a chain of
/// fused multiply-adds over the head's elements in order; a span's largest score joins the largest so far, and sum and output so far are
/// multiplied by what that changes; the span's sum of exponentials has lane j mod 16 and the fixed tree; the output is a chain over j in
/// order of position. So a result depends on the query and its keys by absolute position alone, however many queries share the loads.
/// </summary>
/// <typeparam name="T">Float lanes.</typeparam>
/// <typeparam name="TProducts">How scores and weighted sums are computed.</typeparam>
internal static unsafe class LaneAttention<T, TProducts>
    where T : unmanaged, ILanes<T>
    where TProducts : struct, ISpanProducts
{
    private const int Span = AttentionQueries.SpanTokens;
    private const int Tile = 16;

    /// <summary>Attends with every query.</summary>
    public static void Run(in AttentionQueries queries)
    {
        for (int first = 0; first < queries.Count;)
        {
            int together = TProducts.Together(queries.Count - first);
            RunTogether(queries, first, together);
            first += together;
        }
    }

    private static void RunTogether(in AttentionQueries queries, int first, int together)
    {
        float* sums = stackalloc float[AttentionQueries.MostTogether];
        float* largest = stackalloc float[AttentionQueries.MostTogether];
        int start = int.MaxValue;
        int end = 0;
        for (int i = 0; i < together; i++)
        {
            start = Math.Min(start, queries.Starts[first + i]);
            end = Math.Max(end, queries.Lengths[first + i]);
            sums[i] = 0;
            largest[i] = float.NegativeInfinity;
            new Span<float>(queries.Outputs[first + i], queries.PaddedHeadSize).Clear();
        }
        int lastTile = (end - 1) / Tile;
        for (int span = start / Span * Span; span < end; span += Span)
        {
            int from = Math.Max(span, start) / Tile;
            int to = (Math.Min(span + Span, end) + Tile - 1) / Tile;
            TProducts.Score(queries, first, together, from, to);
            for (int i = 0; i < together; i++)
            {
                Exponentials(queries, first + i, span, queries.Room + (i * Span), ref largest[i], ref sums[i]);
            }
            TProducts.Mix(queries, first, together, from, to, lastTile);
        }
        for (int i = 0; i < together; i++)
        {
            Multiply(queries.Outputs[first + i], queries.PaddedHeadSize, 1f / sums[i]);
        }
    }

    // Turns a span's scores into e^(score - largest so far), 0 where the query does not read, adds them up and brings sum and output along.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Exponentials(in AttentionQueries queries, int index, int span, float* scores, ref float largest, ref float sum)
    {
        int start = Math.Max(queries.Starts[index] - span, 0);
        int end = Math.Min(queries.Lengths[index] - span, Span);
        if (start >= end)
        {
            return;
        }
        int first = start & ~(Tile - 1);
        int last = (end + Tile - 1) & ~(Tile - 1);
        if (queries.SoftCap > 0)
        {
            Cap(scores + first, last - first, queries.SoftCap);
        }
        new Span<float>(scores + first, start - first).Fill(float.NegativeInfinity);
        new Span<float>(scores + end, last - end).Fill(float.NegativeInfinity);
        T most = T.Broadcast(largest);
        for (int i = first; i < last; i += Tile)
        {
            most = T.Max(most, T.Load(scores + i));
        }
        float before = largest;
        largest = T.Largest(most);
        T shift = T.Broadcast(largest);
        T total = T.Zero;
        for (int i = first; i < last; i += Tile)
        {
            T e = LaneMath<T>.Exp(T.Load(scores + i) - shift);
            T.Store(e, scores + i);
            total += e;
        }
        if (before == largest)
        {
            sum += T.Sum(total);
            return;
        }
        T change = LaneMath<T>.Exp(T.Broadcast(before) - shift);
        float* lanes = stackalloc float[Tile];
        T.Store(change, lanes);
        Multiply(queries.Outputs[index], queries.PaddedHeadSize, lanes[0]);
        sum = (sum * lanes[0]) + T.Sum(total);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Cap(float* scores, int count, float cap)
    {
        T limit = T.Broadcast(cap);
        T inverse = T.Broadcast(1f / cap);
        for (int i = 0; i < count; i += Tile)
        {
            T.Store(LaneMath<T>.Tanh(T.Load(scores + i) * inverse) * limit, scores + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(float* output, int width, float by)
    {
        T factor = T.Broadcast(by);
        for (int d = 0; d < width; d += Tile)
        {
            T.Store(T.Load(output + d) * factor, output + d);
        }
    }
}
