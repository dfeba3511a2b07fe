using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu;

/// <summary>
/// Softmax attention in two passes. Per query: the score of key j is a chain of fused multiply-adds over the head's elements in order;
/// the sum of exponentials has lane j mod 16 and the fixed tree; the output is a chain over j in order of absolute position, from the
/// query's first key on. So a result depends on the query and its keys by absolute position alone, however many queries share the loads.
/// </summary>
/// <typeparam name="T">Float lanes.</typeparam>
/// <typeparam name="TStored">Stored form of keys and values.</typeparam>
internal static unsafe class LaneAttention<T, TStored>
    where T : unmanaged, ILanes<T>
    where TStored : struct, IElements
{
    private const int MostTogether = 8;

    /// <summary>Attends with every query.</summary>
    public static void Run(in AttentionQueries queries)
    {
        float* sums = stackalloc float[MostTogether];
        for (int first = 0; first < queries.Count;)
        {
            int together = Together(queries.Count - first);
            LaneScores<T, TStored>.Run(queries, first, together);
            for (int i = 0; i < together; i++)
            {
                sums[i] = Exponentials(queries, first + i);
            }
            LaneMix<T, TStored>.Run(queries, first, together);
            for (int i = 0; i < together; i++, first++)
            {
                Divide(queries.Outputs[first], queries.PaddedHeadSize, sums[i]);
            }
        }
    }

    // Eight queries need eight accumulators of one register each; narrower vectors take fewer.
    private static int Together(int left) => left switch
    {
        >= MostTogether when T.Registers == 1 => MostTogether,
        >= 4 => 4,
        >= 2 => 2,
        _ => 1,
    };

    // Turns scores into e^(score - largest); what lies before the start and past the length becomes 0. Answers their sum: tiles before the
    // start would add zeros to it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Exponentials(in AttentionQueries queries, int index)
    {
        float* scores = queries.Scores + (index * queries.ScoreStride);
        int start = queries.Starts[index] & ~15;
        int length = queries.Lengths[index];
        int padded = (length + 15) & ~15;
        if (queries.SoftCap > 0)
        {
            Cap(scores + start, padded - start, queries.SoftCap);
        }
        new Span<float>(scores + start, queries.Starts[index] - start).Fill(float.NegativeInfinity);
        new Span<float>(scores + length, padded - length).Fill(float.NegativeInfinity);
        T largest = T.Load(scores + start);
        for (int i = start + 16; i < padded; i += 16)
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
        for (int i = start; i < padded; i += 16)
        {
            T e = LaneMath<T>.Exp(T.Load(scores + i) - shift);
            T.Store(e, scores + i);
            sum += e;
        }
        return T.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Cap(float* scores, int count, float cap)
    {
        T limit = T.Broadcast(cap);
        T inverse = T.Broadcast(1f / cap);
        for (int i = 0; i < count; i += 16)
        {
            T.Store(LaneMath<T>.Tanh(T.Load(scores + i) * inverse) * limit, scores + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Divide(float* output, int width, float sum)
    {
        T factor = T.Broadcast(1f / sum);
        for (int d = 0; d < width; d += 16)
        {
            T.Store(T.Load(output + d) * factor, output + d);
        }
    }
}
