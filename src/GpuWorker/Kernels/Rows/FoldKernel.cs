using ILGPU;

namespace Winnow.GpuWorker.Kernels.Rows;

// purpose    Adds what two or four devices give for a product whose inputs they share: the top of the tree that products are summed in.
// formula    y = p0 + p1, or (p0 + p1) + (p2 + p3).
// shapes     p, y: as many floats as rows with their strides have.
// layout     multiples of 16 bytes; loads of 16 bytes.
// launch     groups of 256 over all quads.
// cost       1 or 3 operations and 12 or 20 bytes an element, limited by memory; no shared memory.
// numerics   float32; the bits that one device with all inputs gives (ChainLayout).
// versions   v1 this. Times: not measured, no device.

/// <summary>The kernel that adds the parts of several devices.</summary>
internal static class FoldKernel
{
    /// <summary>Threads of a group.</summary>
    public const int Threads = 256;

    /// <summary>Adds parts.</summary>
    [Kernel("fold_f32_f32", WideLoads = true)]
    public static void Run(FoldArguments arguments)
    {
        int at = (Grid.IdxX * Threads) + Group.IdxX;
        if (at >= arguments.Output.Length)
        {
            return;
        }
        FloatQuad first = arguments.First[at];
        FloatQuad second = arguments.Second[at];
        FloatQuad sum = Add(first, second);
        if (arguments.Third.Length > 0)
        {
            FloatQuad third = arguments.Third[at];
            FloatQuad fourth = arguments.Fourth[at];
            sum = Add(sum, Add(third, fourth));
        }
        arguments.Output[at] = sum;
    }

    private static FloatQuad Add(FloatQuad a, FloatQuad b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z, a.W + b.W);
}
