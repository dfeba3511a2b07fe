using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu;

/// <summary>
/// Softmax attention in two passes. Per query: the score of key j is a chain of fused multiply-adds over the head's elements in order;
/// the sum of exponentials has lane j mod 16 and the fixed tree; the output is a chain over j in order of absolute position. So a result
/// depends on the query and its keys by absolute position alone.
/// </summary>
/// <typeparam name="T">Float lanes.</typeparam>
/// <typeparam name="TStored">Stored form of keys and values.</typeparam>
internal static unsafe class LaneAttention<T, TStored>
    where T : unmanaged, ILanes<T>
    where TStored : struct, IElements
{
    private const int Together = 4;

    /// <summary>Attends with every query.</summary>
    public static void Run(in AttentionQueries queries)
    {
        int first = 0;
        for (; first + Together <= queries.Count; first += Together)
        {
            Score4(queries, first);
            Softmax4(queries, first);
            Mix4(queries, first);
        }
        for (; first < queries.Count; first++)
        {
            Score1(queries, first);
            float scale = Softmax(queries, first);
            Mix1(queries, first, 0, T.Broadcast(scale), resume: false);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score4(in AttentionQueries queries, int first)
    {
        float* q0 = queries.Queries[first];
        float* q1 = queries.Queries[first + 1];
        float* q2 = queries.Queries[first + 2];
        float* q3 = queries.Queries[first + 3];
        int longest = Math.Max(
            Math.Max(queries.Lengths[first], queries.Lengths[first + 1]), Math.Max(queries.Lengths[first + 2], queries.Lengths[first + 3]));
        T scale = T.Broadcast(queries.Scale);
        long stride = queries.ScoreStride;
        float* scores = queries.Scores + (first * stride);
        int size = queries.HeadSize;
        for (int tile = 0; tile * 16 < longest; tile++, scores += 16)
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
    private static void Score1(in AttentionQueries queries, int index)
    {
        float* q = queries.Queries[index];
        T scale = T.Broadcast(queries.Scale);
        float* scores = queries.Scores + (index * queries.ScoreStride);
        int tiles = (queries.Lengths[index] + 15) / 16;
        int size = queries.HeadSize;
        int tile = 0;
        for (; tile + 2 <= tiles; tile += 2)
        {
            byte* left = queries.KeyTiles[tile];
            byte* right = queries.KeyTiles[tile + 1];
            T s0 = T.Zero, s1 = T.Zero;
            for (int d = 0; d < size; d++)
            {
                T x = T.Broadcast(q[d]);
                s0 = T.Fma(x, TStored.Load<T>(left, d * 16), s0);
                s1 = T.Fma(x, TStored.Load<T>(right, d * 16), s1);
            }
            T.Store(s0 * scale, scores + (tile * 16));
            T.Store(s1 * scale, scores + (tile * 16) + 16);
        }
        if (tile < tiles)
        {
            byte* keys = queries.KeyTiles[tile];
            T s = T.Zero;
            for (int d = 0; d < size; d++)
            {
                s = T.Fma(T.Broadcast(q[d]), TStored.Load<T>(keys, d * 16), s);
            }
            T.Store(s * scale, scores + (tile * 16));
        }
    }

    // Turns scores into exponentials; answers the factor that normalises the output.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Softmax(in AttentionQueries queries, int index)
    {
        float* scores = queries.Scores + (index * queries.ScoreStride);
        int length = queries.Lengths[index];
        int padded = (length + 15) & ~15;
        for (int i = length; i < padded; i++)
        {
            scores[i] = float.NegativeInfinity;
        }
        T largest = T.Load(scores);
        for (int i = 16; i < padded; i += 16)
        {
            largest = T.Max(largest, T.Load(scores + i));
        }
        float* lanes = stackalloc float[16];
        T.Store(largest, lanes);
        float most = lanes[0];
        for (int i = 1; i < 16; i++)
        {
            most = most > lanes[i] ? most : lanes[i];
        }
        T shift = T.Broadcast(most);
        T sum = T.Zero;
        for (int i = 0; i < padded; i += 16)
        {
            T e = LaneMath<T>.Exp(T.Load(scores + i) - shift);
            T.Store(e, scores + i);
            sum += e;
        }
        return 1f / T.Sum(sum);
    }

    private static void Softmax4(in AttentionQueries queries, int first)
    {
        for (int i = 0; i < Together; i++)
        {
            // The factor waits at the output until the values are mixed.
            queries.Outputs[first + i][0] = Softmax(queries, first + i);
        }
    }

    // Four outputs share the loads of the values they all read; each then goes on alone to its own length.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix4(in AttentionQueries queries, int first)
    {
        float* p0 = queries.Scores + (first * queries.ScoreStride);
        float* p1 = p0 + queries.ScoreStride;
        float* p2 = p1 + queries.ScoreStride;
        float* p3 = p2 + queries.ScoreStride;
        int* lengths = queries.Lengths + first;
        int common = Math.Min(Math.Min(lengths[0], lengths[1]), Math.Min(lengths[2], lengths[3]));
        int width = queries.PaddedHeadSize;
        T f0 = T.Broadcast(queries.Outputs[first][0]);
        T f1 = T.Broadcast(queries.Outputs[first + 1][0]);
        T f2 = T.Broadcast(queries.Outputs[first + 2][0]);
        T f3 = T.Broadcast(queries.Outputs[first + 3][0]);
        for (int d = 0; d < width; d += 16)
        {
            T a0 = T.Zero, a1 = T.Zero, a2 = T.Zero, a3 = T.Zero;
            for (int j = 0; j < common;)
            {
                byte* values = queries.ValueTiles[j / 16];
                int end = Math.Min(common, (j & ~15) + 16);
                for (; j < end; j++)
                {
                    T v = TStored.Load<T>(values, ((j & 15) * width) + d);
                    a0 = T.Fma(T.Broadcast(p0[j]), v, a0);
                    a1 = T.Fma(T.Broadcast(p1[j]), v, a1);
                    a2 = T.Fma(T.Broadcast(p2[j]), v, a2);
                    a3 = T.Fma(T.Broadcast(p3[j]), v, a3);
                }
            }
            T.Store(a0, queries.Outputs[first] + d);
            T.Store(a1, queries.Outputs[first + 1] + d);
            T.Store(a2, queries.Outputs[first + 2] + d);
            T.Store(a3, queries.Outputs[first + 3] + d);
        }
        Mix1(queries, first, common, f0, resume: true);
        Mix1(queries, first + 1, common, f1, resume: true);
        Mix1(queries, first + 2, common, f2, resume: true);
        Mix1(queries, first + 3, common, f3, resume: true);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix1(in AttentionQueries queries, int index, int from, T factor, bool resume)
    {
        float* p = queries.Scores + (index * queries.ScoreStride);
        int length = queries.Lengths[index];
        int width = queries.PaddedHeadSize;
        float* output = queries.Outputs[index];
        for (int d = 0; d < width; d += 16)
        {
            T acc = resume ? T.Load(output + d) : T.Zero;
            for (int j = from; j < length;)
            {
                byte* values = queries.ValueTiles[j / 16];
                int end = Math.Min(length, (j & ~15) + 16);
                for (; j < end; j++)
                {
                    acc = T.Fma(T.Broadcast(p[j]), TStored.Load<T>(values, ((j & 15) * width) + d), acc);
                }
            }
            T.Store(acc * factor, output + d);
        }
    }
}
