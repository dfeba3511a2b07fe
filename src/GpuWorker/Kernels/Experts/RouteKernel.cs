using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Experts;

// purpose    Chooses the experts of every row and their shares.
// formula    the best of the scores, lower index first among equals; p = softmax over all; share = p / max(sum of the chosen p, 2^-14).
// shapes     scores: T x experts; chosen and shares: T x used.
// layout     results row by row, best first.
// launch     one group of 32 a row; thread t looks at experts t, t + 32, ...; one round a choice.
// cost       used * experts comparisons and experts exponentials a row; shared memory 384 bytes.
// numerics   float32 with the kernels' exponential; the sum is thread by thread, then a tree. The CPU backend adds doubles. Tolerance 2e-6.
// versions   v1 this. Times: not measured, no device.

/// <summary>The kernel that chooses experts.</summary>
internal static class RouteKernel
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 32;

    private const float LeastSum = 6.103515625e-5f;

    /// <summary>Chooses.</summary>
    [Kernel("route_f32_i32")]
    public static void Run(RouteArguments arguments)
    {
        ArrayView<float> best = SharedMemory.Allocate<float>(Threads);
        ArrayView<int> ids = SharedMemory.Allocate<int>(Threads);
        int row = Grid.IdxX * arguments.Stride;
        int results = Grid.IdxX * arguments.Used;
        float last = 0f;
        float first = 0f;
        int lastId = -1;
        for (int choice = 0; choice < arguments.Used; choice++)
        {
            Choose(arguments, best, ids, row, choice, last, lastId);
            last = best[0];
            lastId = ids[0];
            first = choice == 0 ? last : first;
            if (Group.IdxX == 0)
            {
                arguments.Chosen[results + choice] = IntrinsicMath.Max(lastId, 0);
            }
            Group.Barrier();
        }
        float all = SumAll(arguments, best, row, first);
        if (Group.IdxX == 0)
        {
            Share(arguments, row, results, first, all);
        }
    }

    // Every thread's best after the last choice, then the best of all by halves. Scores that are not numbers may leave none.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Choose(
        in RouteArguments arguments, ArrayView<float> best, ArrayView<int> ids, int row, int choice, float last, int lastId)
    {
        int thread = Group.IdxX;
        float mine = 0f;
        int id = -1;
        for (int expert = thread; expert < arguments.Experts; expert += Threads)
        {
            float score = arguments.Scores[row + expert];
            bool left = choice == 0 || Precedes(last, lastId, score, expert);
            if (left && (id < 0 || Precedes(score, expert, mine, id)))
            {
                mine = score;
                id = expert;
            }
        }
        best[thread] = mine;
        ids[thread] = id;
        for (int half = Threads / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (thread < half)
            {
                int other = ids[thread + half];
                if (other >= 0 && (ids[thread] < 0 || Precedes(best[thread + half], other, best[thread], ids[thread])))
                {
                    best[thread] = best[thread + half];
                    ids[thread] = other;
                }
            }
        }
        Group.Barrier();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Precedes(float score, int id, float otherScore, int otherId) =>
        score > otherScore || (!(score < otherScore) && id < otherId);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float SumAll(in RouteArguments arguments, ArrayView<float> sums, int row, float first)
    {
        int thread = Group.IdxX;
        float sum = 0f;
        for (int expert = thread; expert < arguments.Experts; expert += Threads)
        {
            sum += KernelMath.Exp(arguments.Scores[row + expert] - first);
        }
        sums[thread] = sum;
        for (int half = Threads / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (thread < half)
            {
                sums[thread] = sums[thread] + sums[thread + half];
            }
        }
        Group.Barrier();
        return sums[0];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Share(in RouteArguments arguments, int row, int results, float first, float all)
    {
        float sum = 0f;
        for (int choice = 0; choice < arguments.Used; choice++)
        {
            sum += KernelMath.Exp(arguments.Scores[row + arguments.Chosen[results + choice]] - first) / all;
        }
        sum = sum < LeastSum ? LeastSum : sum;
        for (int choice = 0; choice < arguments.Used; choice++)
        {
            float share = KernelMath.Exp(arguments.Scores[row + arguments.Chosen[results + choice]] - first) / all;
            arguments.Shares[results + choice] = share / sum;
        }
    }
}
