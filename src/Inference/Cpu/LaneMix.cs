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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix8(in AttentionQueries queries, int first, float** values, float* weights, int from, int to)
    {
        float* p0 = weights;
        float* p1 = p0 + Stride;
        float* p2 = p1 + Stride;
        float* p3 = p2 + Stride;
        float* p4 = p3 + Stride;
        float* p5 = p4 + Stride;
        float* p6 = p5 + Stride;
        float* p7 = p6 + Stride;
        int width = queries.PaddedHeadSize;
        float** outputs = queries.Outputs + first;
        for (int d = 0; d < width; d += 16)
        {
            T a0 = T.Load(outputs[0] + d), a1 = T.Load(outputs[1] + d), a2 = T.Load(outputs[2] + d), a3 = T.Load(outputs[3] + d);
            T a4 = T.Load(outputs[4] + d), a5 = T.Load(outputs[5] + d), a6 = T.Load(outputs[6] + d), a7 = T.Load(outputs[7] + d);
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
                    a4 = T.Fma(T.Broadcast(p4[j]), v, a4);
                    a5 = T.Fma(T.Broadcast(p5[j]), v, a5);
                    a6 = T.Fma(T.Broadcast(p6[j]), v, a6);
                    a7 = T.Fma(T.Broadcast(p7[j]), v, a7);
                }
            }
            T.Store(a0, outputs[0] + d);
            T.Store(a1, outputs[1] + d);
            T.Store(a2, outputs[2] + d);
            T.Store(a3, outputs[3] + d);
            T.Store(a4, outputs[4] + d);
            T.Store(a5, outputs[5] + d);
            T.Store(a6, outputs[6] + d);
            T.Store(a7, outputs[7] + d);
        }
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
