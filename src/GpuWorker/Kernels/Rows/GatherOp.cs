using ILGPU;
using ILGPU.Runtime;

namespace Winnow.GpuWorker.Kernels.Rows;

/// <summary>Gathers rows; see <see cref="GatherKernel"/>.</summary>
internal sealed class GatherOp
{
    private readonly Action<AcceleratorStream, KernelConfig, GatherArguments> _run;

    /// <summary>Loads the kernel.</summary>
    public GatherOp(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        _run = accelerator.LoadKernel<GatherArguments>(GatherKernel.Run);
    }

    /// <summary>Copies rows to places without gaps.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="input">Rows.</param>
    /// <param name="rows">The rows to copy, which the caller has found to be in the input.</param>
    /// <param name="output">Gets them, in the same order. Not the input.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Run(AcceleratorStream stream, in RowsView input, ArrayView<int> rows, in RowsView output)
    {
        int count = rows.IntLength;
        output.Require(count, input.Width, "output");
        if (count > 0)
        {
            GatherArguments arguments = new()
            {
                Input = input.Quads,
                Output = output.Quads,
                Rows = rows,
                Width = input.Width,
                InputStride = input.Stride / 4,
                OutputStride = output.Stride / 4,
            };
            _run(stream, new KernelConfig(count, RowThreads.For(input.Width)), arguments);
        }
    }
}
