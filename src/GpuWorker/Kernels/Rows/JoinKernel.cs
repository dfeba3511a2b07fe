using ILGPU;
using Winnow.GpuWorker.Kernels.Activations;

namespace Winnow.GpuWorker.Kernels.Rows;

// purpose    Joins what a part of a layer gave to the hidden states, after a bias and a norm where the model has them.
// formula    h += r + bias, or h += norm(r + bias).
// shapes     r, h: T x C; bias and norm weights: C.
// layout     rows at multiples of 16 bytes; loads of 16 bytes.
// launch     one group a row, 32 to 256 threads by the row's width; thread t has quads t, t + threads, ..., also in the norm's sum.
// cost       1 to 6 operations and 12 to 16 bytes an element, limited by memory; shared memory 1 KiB.
// numerics   float32 in the CPU backend's order but for the norm's sum, which has one of its own. Tolerance 2e-6 of a row's largest.
// versions   v1 this. Times: not measured, no device.

/// <summary>The kernel that joins results to hidden states.</summary>
internal static class JoinKernel
{
    /// <summary>Joins rows.</summary>
    [Kernel("join_f32_f32", WideLoads = true)]
    public static void Run(JoinArguments arguments)
    {
        int result = Grid.IdxX * arguments.ResultStride;
        int hidden = Grid.IdxX * arguments.HiddenStride;
        bool normed = arguments.Norm.Length > 0;
        float factor = 1f;
        if (arguments.Bias.Length > 0)
        {
            for (int quad = Group.IdxX; quad * 4 < arguments.Width; quad += Group.DimX)
            {
                FloatQuad sum = arguments.Result[result + quad];
                FloatQuad bias = arguments.Bias[quad];
                arguments.Result[result + quad] = new FloatQuad(sum.X + bias.X, sum.Y + bias.Y, sum.Z + bias.Z, sum.W + bias.W);
            }
        }
        if (normed)
        {
            factor = RowNorm.Factor(arguments.Result, result, arguments.Width, arguments.Epsilon);
        }
        for (int quad = Group.IdxX; quad * 4 < arguments.Width; quad += Group.DimX)
        {
            FloatQuad term = arguments.Result[result + quad];
            FloatQuad sum = arguments.Hidden[hidden + quad];
            if (normed)
            {
                FloatQuad weight = arguments.Norm[quad];
                term = new FloatQuad(
                    term.X * factor * weight.X, term.Y * factor * weight.Y, term.Z * factor * weight.Z, term.W * factor * weight.W);
            }
            arguments.Hidden[hidden + quad] = new FloatQuad(sum.X + term.X, sum.Y + term.Y, sum.Z + term.Z, sum.W + term.W);
        }
    }
}
