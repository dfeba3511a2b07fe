using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Activations;

/// <summary>The reduction of a norm by one group: the same order for a row of the same width, whatever else is computed.</summary>
internal static class RowNorm
{
    private const int MostThreads = 256;

    /// <summary>
    /// 1 / sqrt(mean(x^2) + epsilon), for all threads of the group. Thread t adds quads t, t + threads, ...; then a tree of halves.
    /// </summary>
    /// <param name="values">Values.</param>
    /// <param name="first">The row's first quad.</param>
    /// <param name="width">Elements.</param>
    /// <param name="epsilon">Added to the mean.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Factor(ArrayView<FloatQuad> values, int first, int width, float epsilon)
    {
        ArrayView<float> sums = SharedMemory.Allocate<float>(MostThreads);
        int thread = Group.IdxX;
        float sum = 0f;
        for (int quad = thread; quad * 4 < width; quad += Group.DimX)
        {
            sum = Squares(values[first + quad], width - (quad * 4), sum);
        }
        sums[thread] = sum;
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (thread < half)
            {
                sums[thread] = sums[thread] + sums[thread + half];
            }
        }
        Group.Barrier();
        return 1f / MathF.Sqrt((sums[0] / width) + epsilon);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Squares(FloatQuad x, int left, float sum)
    {
        sum = (x.X * x.X) + sum;
        sum = left > 1 ? (x.Y * x.Y) + sum : sum;
        sum = left > 2 ? (x.Z * x.Z) + sum : sum;
        return left > 3 ? (x.W * x.W) + sum : sum;
    }
}
