using ILGPU;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>
/// Purpose: how much all tokens of a row weigh together, to tell where a top-p ends.
/// Formula: sum over v of exp((logit_v - largest) / temperature), for each segment.
/// Shapes: logits rows x V; a list of rows; sums of each row's segments.
/// Layout: rows of floats with any stride.
/// Launch: a group for each segment of 4,096 logits of a listed row; sums of threads are added as a tree.
/// Cost: 4 bytes and about 40 FLOPs of double precision a logit; no local memory.
/// Numerics: float64, each term within 1e-14 of itself; the order is not docs/sampling.md's, so that the sum is one to within 2^-52 times V.
/// </summary>
/// <remarks>
/// v1: portable; not measured: no device.
/// </remarks>
internal static class LogitWeightKernel
{
    /// <summary>Logits of a segment.</summary>
    public const int SegmentTokens = 4096;

    /// <summary>Most threads of a group.</summary>
    public const int MostThreads = 256;

    /// <summary>One segment of one row.</summary>
    [Kernel("logits_weigh_f32")]
    public static void Run(LogitWeightArguments a)
    {
        int row = a.Rows[Grid.IdxX / a.SegmentCount];
        int first = Grid.IdxX % a.SegmentCount * SegmentTokens;
        int end = first + SegmentTokens < a.Vocabulary ? first + SegmentTokens : a.Vocabulary;
        double temperature = a.Draws[row].Temperature;
        double largest = a.Drawn[row].Largest;
        double sum = 0;
        for (int token = first + Group.IdxX; token < end; token += Group.DimX)
        {
            float logit = a.Logits[(row * a.Stride) + token];
            if (logit > float.NegativeInfinity)
            {
                sum += DeviceNoise.Exp((logit - largest) / temperature);
            }
        }
        ArrayView<double> all = SharedMemory.Allocate<double>(MostThreads);
        all[Group.IdxX] = sum;
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (Group.IdxX < half)
            {
                all[Group.IdxX] += all[Group.IdxX + half];
            }
        }
        if (Group.IdxX == 0)
        {
            a.Sums[Grid.IdxX] = all[0];
        }
    }
}
