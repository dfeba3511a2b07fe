using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu;

/// <summary>
/// Scores of one to eight queries: 16 keys are 16 lanes, an accumulator per query and tile, chained over the head's elements. Variants differ
/// only in how many chains run side by side; two queries take two tiles, one query four, so that the units are busy.
/// </summary>
/// <typeparam name="T">Float lanes.</typeparam>
/// <typeparam name="TStored">Stored form of keys.</typeparam>
internal static unsafe class LaneScores<T, TStored>
    where T : unmanaged, ILanes<T>
    where TStored : struct, IElements
{
    /// <summary>Scores of queries <paramref name="first"/> and after against all tiles of keys that any of them reads.</summary>
    public static void Run(in AttentionQueries queries, int first, int together)
    {
        int start = queries.Starts[first];
        int longest = queries.Lengths[first];
        for (int i = first + 1; i < first + together; i++)
        {
            start = Math.Min(start, queries.Starts[i]);
            longest = Math.Max(longest, queries.Lengths[i]);
        }
        int from = start / 16;
        int tiles = (longest + 15) / 16;
        switch (together)
        {
            case 8:
                Score8(queries, first, from, tiles);
                break;
            case 4:
                Score4(queries, first, from, tiles);
                break;
            case 2:
                Score2(queries, first, from, tiles);
                break;
            default:
                Score1(queries, first, from, tiles);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score8(in AttentionQueries queries, int first, int from, int tiles)
    {
        float** q = queries.Queries + first;
        float* q0 = q[0];
        float* q1 = q[1];
        float* q2 = q[2];
        float* q3 = q[3];
        float* q4 = q[4];
        float* q5 = q[5];
        float* q6 = q[6];
        float* q7 = q[7];
        int size = queries.HeadSize;
        long stride = queries.ScoreStride;
        T scale = T.Broadcast(queries.Scale);
        float* scores = queries.Scores + (first * stride) + (from * 16L);
        for (int tile = from; tile < tiles; tile++, scores += 16)
        {
            byte* keys = queries.KeyTiles[tile];
            T s0 = T.Zero, s1 = T.Zero, s2 = T.Zero, s3 = T.Zero, s4 = T.Zero, s5 = T.Zero, s6 = T.Zero, s7 = T.Zero;
            for (int d = 0; d < size; d++)
            {
                T key = TStored.Load<T>(keys, d * 16);
                s0 = T.Fma(T.Broadcast(q0[d]), key, s0);
                s1 = T.Fma(T.Broadcast(q1[d]), key, s1);
                s2 = T.Fma(T.Broadcast(q2[d]), key, s2);
                s3 = T.Fma(T.Broadcast(q3[d]), key, s3);
                s4 = T.Fma(T.Broadcast(q4[d]), key, s4);
                s5 = T.Fma(T.Broadcast(q5[d]), key, s5);
                s6 = T.Fma(T.Broadcast(q6[d]), key, s6);
                s7 = T.Fma(T.Broadcast(q7[d]), key, s7);
            }
            T.Store(s0 * scale, scores);
            T.Store(s1 * scale, scores + stride);
            T.Store(s2 * scale, scores + (2 * stride));
            T.Store(s3 * scale, scores + (3 * stride));
            T.Store(s4 * scale, scores + (4 * stride));
            T.Store(s5 * scale, scores + (5 * stride));
            T.Store(s6 * scale, scores + (6 * stride));
            T.Store(s7 * scale, scores + (7 * stride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score4(in AttentionQueries queries, int first, int from, int tiles)
    {
        float** q = queries.Queries + first;
        float* q0 = q[0];
        float* q1 = q[1];
        float* q2 = q[2];
        float* q3 = q[3];
        int size = queries.HeadSize;
        long stride = queries.ScoreStride;
        T scale = T.Broadcast(queries.Scale);
        float* scores = queries.Scores + (first * stride) + (from * 16L);
        for (int tile = from; tile < tiles; tile++, scores += 16)
        {
            byte* keys = queries.KeyTiles[tile];
            T s0 = T.Zero, s1 = T.Zero, s2 = T.Zero, s3 = T.Zero;
            for (int d = 0; d < size; d++)
            {
                T key = TStored.Load<T>(keys, d * 16);
                s0 = T.Fma(T.Broadcast(q0[d]), key, s0);
                s1 = T.Fma(T.Broadcast(q1[d]), key, s1);
                s2 = T.Fma(T.Broadcast(q2[d]), key, s2);
                s3 = T.Fma(T.Broadcast(q3[d]), key, s3);
            }
            T.Store(s0 * scale, scores);
            T.Store(s1 * scale, scores + stride);
            T.Store(s2 * scale, scores + (2 * stride));
            T.Store(s3 * scale, scores + (3 * stride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score2(in AttentionQueries queries, int first, int from, int tiles)
    {
        float* q0 = queries.Queries[first];
        float* q1 = queries.Queries[first + 1];
        int size = queries.HeadSize;
        T scale = T.Broadcast(queries.Scale);
        float* scores0 = queries.Scores + (first * queries.ScoreStride);
        float* scores1 = scores0 + queries.ScoreStride;
        for (int tile = from; tile < tiles; tile += 2)
        {
            // An odd last tile is computed twice and stored once more over itself.
            int next = Math.Min(tile + 1, tiles - 1);
            byte* keysA = queries.KeyTiles[tile];
            byte* keysB = queries.KeyTiles[next];
            T a0 = T.Zero, a1 = T.Zero, b0 = T.Zero, b1 = T.Zero;
            for (int d = 0; d < size; d++)
            {
                T x0 = T.Broadcast(q0[d]);
                T x1 = T.Broadcast(q1[d]);
                T key = TStored.Load<T>(keysA, d * 16);
                a0 = T.Fma(x0, key, a0);
                a1 = T.Fma(x1, key, a1);
                key = TStored.Load<T>(keysB, d * 16);
                b0 = T.Fma(x0, key, b0);
                b1 = T.Fma(x1, key, b1);
            }
            T.Store(a0 * scale, scores0 + (tile * 16));
            T.Store(a1 * scale, scores1 + (tile * 16));
            T.Store(b0 * scale, scores0 + (next * 16));
            T.Store(b1 * scale, scores1 + (next * 16));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score1(in AttentionQueries queries, int index, int from, int tiles)
    {
        float* q = queries.Queries[index];
        int size = queries.HeadSize;
        T scale = T.Broadcast(queries.Scale);
        float* scores = queries.Scores + (index * queries.ScoreStride);
        for (int tile = from; tile < tiles; tile += 4)
        {
            int last = tiles - 1;
            byte* keysA = queries.KeyTiles[tile];
            byte* keysB = queries.KeyTiles[Math.Min(tile + 1, last)];
            byte* keysC = queries.KeyTiles[Math.Min(tile + 2, last)];
            byte* keysD = queries.KeyTiles[Math.Min(tile + 3, last)];
            T a = T.Zero, b = T.Zero, c = T.Zero, e = T.Zero;
            for (int d = 0; d < size; d++)
            {
                T x = T.Broadcast(q[d]);
                a = T.Fma(x, TStored.Load<T>(keysA, d * 16), a);
                b = T.Fma(x, TStored.Load<T>(keysB, d * 16), b);
                c = T.Fma(x, TStored.Load<T>(keysC, d * 16), c);
                e = T.Fma(x, TStored.Load<T>(keysD, d * 16), e);
            }
            T.Store(a * scale, scores + (tile * 16));
            T.Store(b * scale, scores + (Math.Min(tile + 1, last) * 16));
            T.Store(c * scale, scores + (Math.Min(tile + 2, last) * 16));
            T.Store(e * scale, scores + (Math.Min(tile + 3, last) * 16));
        }
    }
}
