using ILGPU;
using ILGPU.Runtime;

namespace Winnow.GpuWorker.Kernels.Rows;

/// <summary>Joins what a part of a layer gave to the hidden states; see <see cref="JoinKernel"/>.</summary>
internal sealed class JoinOp
{
    private readonly Action<AcceleratorStream, KernelConfig, JoinArguments> _run;

    /// <summary>Loads the kernel.</summary>
    public JoinOp(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        _run = accelerator.LoadKernel<JoinArguments>(JoinKernel.Run);
    }

    /// <summary><c>hidden += norm(result + bias)</c>; without a norm or a bias these are left out.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="result">What the part gave; with a bias it is changed.</param>
    /// <param name="hidden">Hidden states.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="bias">As many floats as rows are wide, padded to a multiple of 4; the default for none.</param>
    /// <param name="norm">The same for the norm's weights.</param>
    /// <param name="epsilon">Added to the mean square in the norm.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Run(
        AcceleratorStream stream,
        in RowsView result,
        in RowsView hidden,
        int rows,
        ArrayView<float> bias = default,
        ArrayView<float> norm = default,
        float epsilon = 0f)
    {
        result.Require(rows, result.Width, "result");
        hidden.Require(rows, result.Width, "hidden");
        if (rows > 0)
        {
            JoinArguments arguments = new()
            {
                Result = result.Quads,
                Hidden = hidden.Quads,
                Bias = RowsView.Vector(bias, result.Width, "bias"),
                Norm = RowsView.Vector(norm, result.Width, "norm"),
                Width = result.Width,
                ResultStride = result.Stride / 4,
                HiddenStride = hidden.Stride / 4,
                Epsilon = epsilon,
            };
            _run(stream, new KernelConfig(rows, RowThreads.For(result.Width)), arguments);
        }
    }
}
