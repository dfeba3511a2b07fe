using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Winnow.Inference.Cpu;

/// <summary>
/// Softmax attention in spans of 256 positions from absolute multiples of 256, one after another. Per query: the score of key j is a chain of
/// fused multiply-adds over the head's elements in order; a span's largest score joins the largest so far, and sum and output so far are
/// multiplied by what that changes; the span's sum of exponentials has lane j mod 16 and the fixed tree; the output is a chain over j in
/// order of position. So a result depends on the query and its keys by absolute position alone, however many queries share the loads.
/// </summary>
/// <remarks>Stored keys and values become floats once for all queries that run together, four tiles at a time, so that they stay near.</remarks>
/// <typeparam name="T">Float lanes.</typeparam>
/// <typeparam name="TForm">Stored form of keys and values.</typeparam>
internal static unsafe class LaneAttention<T, TForm>
    where T : unmanaged, ILanes<T>
    where TForm : struct, IKvForm
{
    private const int Span = AttentionQueries.SpanTokens;
    private const int Tile = 16;
    private const int CacheLine = 64;

    /// <summary>Attends with every query.</summary>
    public static void Run(in AttentionQueries queries)
    {
        for (int first = 0; first < queries.Count;)
        {
            int together = Together(queries.Count - first);
            RunTogether(queries, first, together);
            first += together;
        }
    }

    // Eight queries need eight accumulators of one register each; narrower vectors take fewer.
    private static int Together(int left) => left switch
    {
        >= AttentionQueries.MostTogether when T.Registers == 1 => AttentionQueries.MostTogether,
        >= 4 => 4,
        >= 2 => 2,
        _ => 1,
    };

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
            for (int tile = from; tile < to; tile += AttentionQueries.TilesTogether)
            {
                Score(queries, first, together, tile, Math.Min(AttentionQueries.TilesTogether, to - tile));
            }
            for (int i = 0; i < together; i++)
            {
                Exponentials(queries, first + i, span, queries.Room + (i * Span), ref largest[i], ref sums[i]);
            }
            for (int tile = from; tile < to; tile += AttentionQueries.TilesTogether)
            {
                Mix(queries, first, together, tile, Math.Min(AttentionQueries.TilesTogether, to - tile), lastTile);
            }
        }
        for (int i = 0; i < together; i++)
        {
            Multiply(queries.Outputs[first + i], queries.PaddedHeadSize, 1f / sums[i]);
        }
    }

    private static void Score(in AttentionQueries queries, int first, int together, int tile, int tiles)
    {
        float** keys = stackalloc float*[AttentionQueries.TilesTogether];
        float* room = queries.Room + (AttentionQueries.MostTogether * Span);
        for (int i = 0; i < tiles; i++)
        {
            Prefetch(queries.ValueTiles[tile + i], queries.ValueTileBytes);
            keys[i] = TForm.Keys<T>(queries.KeyTiles[tile + i], queries.HeadSize, room + (i * Tile * queries.PaddedHeadSize));
        }
        LaneScores<T>.Run(queries, first, together, keys, tiles, queries.Room + (tile * Tile % Span));
    }

    private static void Mix(in AttentionQueries queries, int first, int together, int tile, int tiles, int lastTile)
    {
        float** values = stackalloc float*[AttentionQueries.TilesTogether];
        float* room = queries.Room + (AttentionQueries.MostTogether * Span);
        for (int i = 0; i < tiles; i++)
        {
            Prefetch(queries.KeyTiles[Math.Min(tile + i + (Span / Tile), lastTile)], queries.KeyTileBytes);
            values[i] = TForm.Values<T>(queries.ValueTiles[tile + i], queries.PaddedHeadSize, room + (i * Tile * queries.PaddedHeadSize));
        }
        LaneMix<T>.Run(queries, first, together, values, tile * Tile, tiles, queries.Room + (tile * Tile % Span));
    }

    // Keys are asked for a span before they are read, values while the span's keys are.
    private static void Prefetch(byte* tile, int bytes)
    {
        if (Sse.IsSupported)
        {
            for (int i = 0; i < bytes; i += CacheLine)
            {
                Sse.Prefetch0(tile + i);
            }
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
