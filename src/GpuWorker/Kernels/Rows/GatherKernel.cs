using ILGPU;

namespace Winnow.GpuWorker.Kernels.Rows;

// purpose    Puts the rows that go on without gaps: those that the sampler needs, after the last layer's keys and values are stored.
// formula    output[i] = input[rows[i]].
// shapes     input: T x C; output: outputs x C; rows: outputs.
// layout     rows at multiples of 16 bytes; loads and stores of 16 bytes.
// launch     one group a gathered row, 32 to 256 threads by the row's width; thread t has quads t, t + threads, ....
// cost       8 bytes an element, limited by memory; no shared memory.
// numerics   bits are copied.
// versions   v1 this. Times: not measured, no device.

/// <summary>The kernel that gathers rows.</summary>
internal static class GatherKernel
{
    /// <summary>Gathers rows.</summary>
    [Kernel("gather_f32_f32", WideLoads = true)]
    public static void Run(GatherArguments arguments)
    {
        int input = arguments.Rows[Grid.IdxX] * arguments.InputStride;
        int output = Grid.IdxX * arguments.OutputStride;
        for (int quad = Group.IdxX; quad * 4 < arguments.Width; quad += Group.DimX)
        {
            FloatQuad value = arguments.Input[input + quad];
            arguments.Output[output + quad] = value;
        }
    }
}
