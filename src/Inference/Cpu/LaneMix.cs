using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu;

/// <summary>
/// Weighted sums of values for one to eight queries: per output element one chain over the keys in order of position; an output so far is
/// where its chain goes on. Queries share the loads of the values they all read; what one reads before and after these, it reads alone, so that
/// no value before its start or past its length is touched.
/// </summary>
/// <typeparam name="T">Float lanes.</typeparam>
internal static unsafe class LaneMix<T>
    where T : unmanaged, ILanes<T>
{
    private const int Stride = AttentionQueries.SpanTokens;

    /// <summary>Adds some tiles to the outputs of queries <paramref name="first"/> and after.</summary>
    /// <param name="queries">All queries.</param>
    /// <param name="first">First of them.</param>
    /// <param name="together">1, 2, 4 or 8.</param>
    /// <param name="values">Tiles of floats [16][padded head size].</param>
    /// <param name="position">Position of the first tile's first value.</param>
    /// <param name="tiles">1 to 4.</param>
    /// <param name="weights">Exponentials of the first query from that position on; the next one's lie a span on.</param>
    public static void Run(in AttentionQueries queries, int first, int together, float** values, int position, int tiles, float* weights)
    {
        int from = 0;
        int to = tiles * 16;
        for (int i = first; i < first + together; i++)
        {
            from = Math.Max(from, queries.Starts[i] - position);
            to = Math.Min(to, queries.Lengths[i] - position);
        }
        bool shares = together > 1 && from < to;
        for (int i = 0; i < together; i++)
        {
            int start = Math.Max(0, queries.Starts[first + i] - position);
            int end = Math.Min(tiles * 16, queries.Lengths[first + i] - position);
            Mix1(queries, first + i, values, weights + (i * Stride), start, shares ? from : end);
        }
        if (!shares)
        {
            return;
        }
        MixTogether(queries, first, together, values, weights, from, to);
        for (int i = 0; i < together; i++)
        {
            int end = Math.Min(tiles * 16, queries.Lengths[first + i] - position);
            Mix1(queries, first + i, values, weights + (i * Stride), to, end);
        }
    }

    private static void MixTogether(in AttentionQueries queries, int first, int together, float** values, float* weights, int from, int to)
    {
        switch (together)
        {
            case 8:
                Mix8(queries, first, values, weights, from, to);
                break;
            case 4:
                Mix4(queries, first, values, weights, from, to);
                break;
            default:
                Mix2(queries, first, values, weights, from, to);
                break;
        }
    }

    // Two vectors of the head at a time, so that a weight is loaded once for both: loads are as dear as products here.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix8(in AttentionQueries queries, int first, float** values, float* weights, int from, int to)
    {
        int width = queries.PaddedHeadSize;
        float** o = queries.Outputs + first;
        for (int d = 0; d < width; d += 32)
        {
            // An odd last vector is computed twice and stored once more over itself.
            int next = Math.Min(16, width - 16 - d);
            T a0 = T.Load(o[0] + d), a1 = T.Load(o[1] + d), a2 = T.Load(o[2] + d), a3 = T.Load(o[3] + d);
            T a4 = T.Load(o[4] + d), a5 = T.Load(o[5] + d), a6 = T.Load(o[6] + d), a7 = T.Load(o[7] + d);
            T b0 = T.Load(o[0] + d + next), b1 = T.Load(o[1] + d + next), b2 = T.Load(o[2] + d + next), b3 = T.Load(o[3] + d + next);
            T b4 = T.Load(o[4] + d + next), b5 = T.Load(o[5] + d + next), b6 = T.Load(o[6] + d + next), b7 = T.Load(o[7] + d + next);
            for (int j = from; j < to;)
            {
                float* value = values[j / 16] + d + ((j & 15) * width);
                int end = Math.Min(to, (j & ~15) + 16);
                for (float* p = weights + j; j < end; j++, p++, value += width)
                {
                    T a = T.Load(value);
                    T b = T.Load(value + next);
                    T x = T.Broadcast(p[0]);
                    a0 = T.Fma(x, a, a0);
                    b0 = T.Fma(x, b, b0);
                    x = T.Broadcast(p[Stride]);
                    a1 = T.Fma(x, a, a1);
                    b1 = T.Fma(x, b, b1);
                    x = T.Broadcast(p[2 * Stride]);
                    a2 = T.Fma(x, a, a2);
                    b2 = T.Fma(x, b, b2);
                    x = T.Broadcast(p[3 * Stride]);
                    a3 = T.Fma(x, a, a3);
                    b3 = T.Fma(x, b, b3);
                    x = T.Broadcast(p[4 * Stride]);
                    a4 = T.Fma(x, a, a4);
                    b4 = T.Fma(x, b, b4);
                    x = T.Broadcast(p[5 * Stride]);
                    a5 = T.Fma(x, a, a5);
                    b5 = T.Fma(x, b, b5);
                    x = T.Broadcast(p[6 * Stride]);
                    a6 = T.Fma(x, a, a6);
                    b6 = T.Fma(x, b, b6);
                    x = T.Broadcast(p[7 * Stride]);
                    a7 = T.Fma(x, a, a7);
                    b7 = T.Fma(x, b, b7);
                }
            }
            Store8(a0, a1, a2, a3, a4, a5, a6, a7, o, d);
            Store8(b0, b1, b2, b3, b4, b5, b6, b7, o, d + next);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store8(T s0, T s1, T s2, T s3, T s4, T s5, T s6, T s7, float** o, int d)
    {
        T.Store(s0, o[0] + d);
        T.Store(s1, o[1] + d);
        T.Store(s2, o[2] + d);
        T.Store(s3, o[3] + d);
        T.Store(s4, o[4] + d);
        T.Store(s5, o[5] + d);
        T.Store(s6, o[6] + d);
        T.Store(s7, o[7] + d);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix4(in AttentionQueries queries, int first, float** values, float* weights, int from, int to)
    {
        float* p0 = weights;
        float* p1 = p0 + Stride;
        float* p2 = p1 + Stride;
        float* p3 = p2 + Stride;
        int width = queries.PaddedHeadSize;
        float** outputs = queries.Outputs + first;
        for (int d = 0; d < width; d += 16)
        {
            T a0 = T.Load(outputs[0] + d), a1 = T.Load(outputs[1] + d), a2 = T.Load(outputs[2] + d), a3 = T.Load(outputs[3] + d);
            for (int j = from; j < to;)
            {
                float* tile = values[j / 16] + d;
                int end = Math.Min(to, (j & ~15) + 16);
                for (int element = (j & 15) * width; j < end; j++, element += width)
                {
                    T v = T.Load(tile + element);
                    a0 = T.Fma(T.Broadcast(p0[j]), v, a0);
                    a1 = T.Fma(T.Broadcast(p1[j]), v, a1);
                    a2 = T.Fma(T.Broadcast(p2[j]), v, a2);
                    a3 = T.Fma(T.Broadcast(p3[j]), v, a3);
                }
            }
            T.Store(a0, outputs[0] + d);
            T.Store(a1, outputs[1] + d);
            T.Store(a2, outputs[2] + d);
            T.Store(a3, outputs[3] + d);
        }
    }

    // Two queries and two vectors of the head at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix2(in AttentionQueries queries, int first, float** values, float* weights, int from, int to)
    {
        float* p0 = weights;
        float* p1 = p0 + Stride;
        int width = queries.PaddedHeadSize;
        float* output0 = queries.Outputs[first];
        float* output1 = queries.Outputs[first + 1];
        for (int d = 0; d < width; d += 32)
        {
            // An odd last vector is computed twice and stored once more over itself.
            int next = Math.Min(16, width - 16 - d);
            T a0 = T.Load(output0 + d), a1 = T.Load(output1 + d), b0 = T.Load(output0 + d + next), b1 = T.Load(output1 + d + next);
            for (int j = from; j < to;)
            {
                float* tile = values[j / 16] + d;
                int end = Math.Min(to, (j & ~15) + 16);
                for (int element = (j & 15) * width; j < end; j++, element += width)
                {
                    T x0 = T.Broadcast(p0[j]);
                    T x1 = T.Broadcast(p1[j]);
                    T v = T.Load(tile + element);
                    a0 = T.Fma(x0, v, a0);
                    a1 = T.Fma(x1, v, a1);
                    v = T.Load(tile + element + next);
                    b0 = T.Fma(x0, v, b0);
                    b1 = T.Fma(x1, v, b1);
                }
            }
            T.Store(a0, output0 + d);
            T.Store(a1, output1 + d);
            T.Store(b0, output0 + d + next);
            T.Store(b1, output1 + d + next);
        }
    }

    // One query over a range of keys.
    private static void Mix1(in AttentionQueries queries, int index, float** values, float* p, int from, int to)
    {
        if (from >= to)
        {
            return;
        }
        int width = queries.PaddedHeadSize;
        int d = 0;
        for (; d + 64 <= width; d += 64)
        {
            Mix1By4(queries, index, values, p, from, to, d);
        }
        for (; d < width; d += 32)
        {
            Mix1By2(queries, index, values, p, from, to, d);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix1By4(in AttentionQueries queries, int index, float** values, float* p, int from, int to, int d)
    {
        int width = queries.PaddedHeadSize;
        float* output = queries.Outputs[index] + d;
        T a = T.Load(output), b = T.Load(output + 16), c = T.Load(output + 32), e = T.Load(output + 48);
        for (int j = from; j < to;)
        {
            float* tile = values[j / 16] + d;
            int end = Math.Min(to, (j & ~15) + 16);
            for (int element = (j & 15) * width; j < end; j++, element += width)
            {
                T x = T.Broadcast(p[j]);
                a = T.Fma(x, T.Load(tile + element), a);
                b = T.Fma(x, T.Load(tile + element + 16), b);
                c = T.Fma(x, T.Load(tile + element + 32), c);
                e = T.Fma(x, T.Load(tile + element + 48), e);
            }
        }
        T.Store(a, output);
        T.Store(b, output + 16);
        T.Store(c, output + 32);
        T.Store(e, output + 48);
    }

    // An odd last vector is computed twice and stored once more over itself.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix1By2(in AttentionQueries queries, int index, float** values, float* p, int from, int to, int d)
    {
        int width = queries.PaddedHeadSize;
        int next = Math.Min(16, width - 16 - d);
        float* output = queries.Outputs[index] + d;
        T a = T.Load(output), b = T.Load(output + next);
        for (int j = from; j < to;)
        {
            float* tile = values[j / 16] + d;
            int end = Math.Min(to, (j & ~15) + 16);
            for (int element = (j & 15) * width; j < end; j++, element += width)
            {
                T x = T.Broadcast(p[j]);
                a = T.Fma(x, T.Load(tile + element), a);
                b = T.Fma(x, T.Load(tile + element + next), b);
            }
        }
        T.Store(a, output);
        T.Store(b, output + next);
    }
}
