using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu;

/// <summary>
/// Scores of one to eight queries: 16 keys are 16 lanes, an accumulator per query and tile, chained over the head's elements. Variants differ
/// only in how many chains run side by side; eight and two queries take two tiles, one query four, so that the units are busy.
/// </summary>
/// <typeparam name="T">Float lanes.</typeparam>
internal static unsafe class LaneScores<T>
    where T : unmanaged, ILanes<T>
{
    private const int Stride = AttentionQueries.SpanTokens;

    /// <summary>Scores of queries <paramref name="first"/> and after against tiles of keys.</summary>
    /// <param name="queries">All queries.</param>
    /// <param name="first">First of them.</param>
    /// <param name="together">1, 2, 4 or 8.</param>
    /// <param name="keys">Tiles of floats [head size][16].</param>
    /// <param name="tiles">1 to 4.</param>
    /// <param name="scores">The first query's scores; the next one's lie a span on.</param>
    public static void Run(in AttentionQueries queries, int first, int together, float** keys, int tiles, float* scores)
    {
        switch (together)
        {
            case 8:
                Score8(queries, first, keys, tiles, scores);
                break;
            case 4:
                Score4(queries, first, keys, tiles, scores);
                break;
            case 2:
                Score2(queries, first, keys, tiles, scores);
                break;
            default:
                Score1(queries, first, keys, tiles, scores);
                break;
        }
    }

    // Two tiles at a time, so that an element of a query is loaded once for both: loads are as dear as products here.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score8(in AttentionQueries queries, int first, float** keys, int tiles, float* scores)
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
        T scale = T.Broadcast(queries.Scale);
        for (int tile = 0; tile < tiles; tile += 2)
        {
            // An odd last tile is computed twice and stored once more over itself.
            int next = Math.Min(tile + 1, tiles - 1);
            float* keysA = keys[tile];
            float* keysB = keys[next];
            T a0 = T.Zero, a1 = T.Zero, a2 = T.Zero, a3 = T.Zero, a4 = T.Zero, a5 = T.Zero, a6 = T.Zero, a7 = T.Zero;
            T b0 = T.Zero, b1 = T.Zero, b2 = T.Zero, b3 = T.Zero, b4 = T.Zero, b5 = T.Zero, b6 = T.Zero, b7 = T.Zero;
            for (int d = 0; d < size; d++, keysA += 16, keysB += 16)
            {
                T a = T.Load(keysA);
                T b = T.Load(keysB);
                T x = T.Broadcast(q0[d]);
                a0 = T.Fma(x, a, a0);
                b0 = T.Fma(x, b, b0);
                x = T.Broadcast(q1[d]);
                a1 = T.Fma(x, a, a1);
                b1 = T.Fma(x, b, b1);
                x = T.Broadcast(q2[d]);
                a2 = T.Fma(x, a, a2);
                b2 = T.Fma(x, b, b2);
                x = T.Broadcast(q3[d]);
                a3 = T.Fma(x, a, a3);
                b3 = T.Fma(x, b, b3);
                x = T.Broadcast(q4[d]);
                a4 = T.Fma(x, a, a4);
                b4 = T.Fma(x, b, b4);
                x = T.Broadcast(q5[d]);
                a5 = T.Fma(x, a, a5);
                b5 = T.Fma(x, b, b5);
                x = T.Broadcast(q6[d]);
                a6 = T.Fma(x, a, a6);
                b6 = T.Fma(x, b, b6);
                x = T.Broadcast(q7[d]);
                a7 = T.Fma(x, a, a7);
                b7 = T.Fma(x, b, b7);
            }
            float* to = scores + (tile * 16);
            Store8(a0 * scale, a1 * scale, a2 * scale, a3 * scale, a4 * scale, a5 * scale, a6 * scale, a7 * scale, to);
            to = scores + (next * 16);
            Store8(b0 * scale, b1 * scale, b2 * scale, b3 * scale, b4 * scale, b5 * scale, b6 * scale, b7 * scale, to);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store8(T s0, T s1, T s2, T s3, T s4, T s5, T s6, T s7, float* to)
    {
        T.Store(s0, to);
        T.Store(s1, to + Stride);
        T.Store(s2, to + (2 * Stride));
        T.Store(s3, to + (3 * Stride));
        T.Store(s4, to + (4 * Stride));
        T.Store(s5, to + (5 * Stride));
        T.Store(s6, to + (6 * Stride));
        T.Store(s7, to + (7 * Stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score4(in AttentionQueries queries, int first, float** keys, int tiles, float* scores)
    {
        float** q = queries.Queries + first;
        float* q0 = q[0];
        float* q1 = q[1];
        float* q2 = q[2];
        float* q3 = q[3];
        int size = queries.HeadSize;
        T scale = T.Broadcast(queries.Scale);
        for (int tile = 0; tile < tiles; tile++, scores += 16)
        {
            float* tileKeys = keys[tile];
            T s0 = T.Zero, s1 = T.Zero, s2 = T.Zero, s3 = T.Zero;
            for (int d = 0; d < size; d++)
            {
                T key = T.Load(tileKeys + (d * 16));
                s0 = T.Fma(T.Broadcast(q0[d]), key, s0);
                s1 = T.Fma(T.Broadcast(q1[d]), key, s1);
                s2 = T.Fma(T.Broadcast(q2[d]), key, s2);
                s3 = T.Fma(T.Broadcast(q3[d]), key, s3);
            }
            T.Store(s0 * scale, scores);
            T.Store(s1 * scale, scores + Stride);
            T.Store(s2 * scale, scores + (2 * Stride));
            T.Store(s3 * scale, scores + (3 * Stride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score2(in AttentionQueries queries, int first, float** keys, int tiles, float* scores)
    {
        float* q0 = queries.Queries[first];
        float* q1 = queries.Queries[first + 1];
        int size = queries.HeadSize;
        T scale = T.Broadcast(queries.Scale);
        float* scores1 = scores + Stride;
        for (int tile = 0; tile < tiles; tile += 2)
        {
            // An odd last tile is computed twice and stored once more over itself.
            int next = Math.Min(tile + 1, tiles - 1);
            float* keysA = keys[tile];
            float* keysB = keys[next];
            T a0 = T.Zero, a1 = T.Zero, b0 = T.Zero, b1 = T.Zero;
            for (int d = 0; d < size; d++)
            {
                T x0 = T.Broadcast(q0[d]);
                T x1 = T.Broadcast(q1[d]);
                T key = T.Load(keysA + (d * 16));
                a0 = T.Fma(x0, key, a0);
                a1 = T.Fma(x1, key, a1);
                key = T.Load(keysB + (d * 16));
                b0 = T.Fma(x0, key, b0);
                b1 = T.Fma(x1, key, b1);
            }
            T.Store(a0 * scale, scores + (tile * 16));
            T.Store(a1 * scale, scores1 + (tile * 16));
            T.Store(b0 * scale, scores + (next * 16));
            T.Store(b1 * scale, scores1 + (next * 16));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score1(in AttentionQueries queries, int index, float** keys, int tiles, float* scores)
    {
        float* q = queries.Queries[index];
        int size = queries.HeadSize;
        T scale = T.Broadcast(queries.Scale);
        for (int tile = 0; tile < tiles; tile += 4)
        {
            int last = tiles - 1;
            float* keysA = keys[tile];
            float* keysB = keys[Math.Min(tile + 1, last)];
            float* keysC = keys[Math.Min(tile + 2, last)];
            float* keysD = keys[Math.Min(tile + 3, last)];
            T a = T.Zero, b = T.Zero, c = T.Zero, e = T.Zero;
            for (int d = 0; d < size; d++)
            {
                T x = T.Broadcast(q[d]);
                a = T.Fma(x, T.Load(keysA + (d * 16)), a);
                b = T.Fma(x, T.Load(keysB + (d * 16)), b);
                c = T.Fma(x, T.Load(keysC + (d * 16)), c);
                e = T.Fma(x, T.Load(keysD + (d * 16)), e);
            }
            T.Store(a * scale, scores + (tile * 16));
            T.Store(b * scale, scores + (Math.Min(tile + 1, last) * 16));
            T.Store(c * scale, scores + (Math.Min(tile + 2, last) * 16));
            T.Store(e * scale, scores + (Math.Min(tile + 3, last) * 16));
        }
    }
}
