using ILGPU;
using ILGPU.Runtime;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>Tokens that grammars refuse; see <see cref="LogitMaskKernel"/>.</summary>
internal sealed class LogitMaskOp
{
    private readonly int _threads;
    private readonly Action<AcceleratorStream, KernelConfig, LogitMaskArguments> _run;

    /// <summary>Loads the kernel.</summary>
    public LogitMaskOp(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        _threads = GroupSize.Of(accelerator, 256);
        _run = accelerator.LoadKernel<LogitMaskArguments>(LogitMaskKernel.Run);
    }

    /// <summary>Masks logits in place.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="logits">Logits (rows x V).</param>
    /// <param name="masked">Rows that have a mask, which the caller has found to be there.</param>
    /// <param name="masks">Their masks, one after another.</param>
    /// <param name="words">Words of each; ids beyond are refused.</param>
    /// <param name="firstToken">Id of a row's first token.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Run(
        AcceleratorStream stream, int rows, in RowsView logits, ArrayView<int> masked, ArrayView<ulong> masks, int words, int firstToken = 0)
    {
        logits.Require(rows, logits.Width, "logits");
        if (words < 1 || masks.Length < masked.Length * words || firstToken < 0)
        {
            throw new ArgumentException(
                $"There are '{masks.Length}' words of masks for '{masked.Length}' rows from token '{firstToken}' on; expected '{words}' a row, and no negative token.",
                nameof(masks));
        }
        if (masked.Length == 0)
        {
            return;
        }
        LogitMaskArguments arguments = new()
        {
            Logits = logits.Values,
            Rows = masked,
            Masks = masks,
            Stride = logits.Stride,
            Vocabulary = logits.Width,
            FirstToken = firstToken,
            Words = words,
        };
        int pieces = (logits.Width + LogitMaskKernel.PieceTokens - 1) / LogitMaskKernel.PieceTokens;
        _run(stream, new KernelConfig(checked(masked.IntLength * pieces), _threads), arguments);
    }
}
