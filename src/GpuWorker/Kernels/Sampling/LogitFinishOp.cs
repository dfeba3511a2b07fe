using ILGPU;
using ILGPU.Runtime;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>Head bias and soft cap of logits; see <see cref="LogitFinishKernel"/>.</summary>
internal sealed class LogitFinishOp
{
    private readonly int _threads;
    private readonly Action<AcceleratorStream, KernelConfig, LogitFinishArguments> _run;

    /// <summary>Loads the kernel.</summary>
    public LogitFinishOp(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        _threads = GroupSize.Of(accelerator, 256);
        _run = accelerator.LoadKernel<LogitFinishArguments>(LogitFinishKernel.Run);
    }

    /// <summary>Finishes logits in place; launches nothing where there is neither bias nor cap.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="logits">Logits (rows x V).</param>
    /// <param name="bias">Added to every row (V); empty for none.</param>
    /// <param name="cap">Logits l become <c>cap * tanh(l / cap)</c>; 0 is off.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Run(AcceleratorStream stream, int rows, in RowsView logits, ArrayView<float> bias, float cap)
    {
        logits.Require(rows, logits.Width, "logits");
        if (bias.Length > 0 && bias.Length < logits.Width)
        {
            throw new ArgumentException($"The bias has '{bias.Length}' floats; expected '{logits.Width}', or none.", nameof(bias));
        }
        if (rows == 0 || (bias.Length == 0 && cap == 0))
        {
            return;
        }
        LogitFinishArguments arguments = new()
        {
            Logits = logits.Values,
            Bias = bias.Length > 0 ? bias : logits.Values,
            Stride = logits.Stride,
            Vocabulary = logits.Width,
            HasBias = bias.Length > 0 ? 1 : 0,
            Cap = cap,
            Inverse = cap > 0 ? 1f / cap : 0,
        };
        int pieces = (logits.Width + LogitFinishKernel.PieceTokens - 1) / LogitFinishKernel.PieceTokens;
        _run(stream, new KernelConfig(checked(rows * pieces), _threads), arguments);
    }
}
