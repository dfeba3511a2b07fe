using ILGPU;

namespace Winnow.GpuWorker.Kernels.Experts;

// purpose    Sums what the experts of every row gave, weighed by their shares.
// formula    y[t] = share[t][0] x[t][0] + share[t][1] x[t][1] + ..., in that order.
// shapes     x: T used x C; shares: T x used; y: T x C.
// layout     rows at multiples of 16 bytes; loads of 16 bytes.
// launch     one group a row, 32 to 256 threads by the row's width; thread t has quads t, t + threads, ...
// cost       2 used operations and 4 used + 4 bytes an element, limited by memory.
// numerics   float32 from the best expert on, as the CPU backend. Tolerance 1e-6 of a row's largest: a device may fuse.
// versions   v1 this. Times: not measured, no device.

/// <summary>The kernel that sums experts.</summary>
internal static class CombineKernel
{
    /// <summary>Sums rows.</summary>
    [Kernel("combine_f32_f32", WideLoads = true)]
    public static void Run(CombineArguments arguments)
    {
        for (int quad = Group.IdxX; quad * 4 < arguments.Width; quad += Group.DimX)
        {
            FloatQuad sum = default;
            for (int i = 0; i < arguments.Used; i++)
            {
                int result = (Grid.IdxX * arguments.Used) + i;
                float share = arguments.Shares[result];
                FloatQuad term = arguments.Terms[(result * arguments.TermStride) + quad];
                sum = new FloatQuad(
                    sum.X + (share * term.X), sum.Y + (share * term.Y), sum.Z + (share * term.Z), sum.W + (share * term.W));
            }
            arguments.Output[(Grid.IdxX * arguments.OutputStride) + quad] = sum;
        }
    }
}
