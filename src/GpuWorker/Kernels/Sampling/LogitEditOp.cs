using ILGPU;
using ILGPU.Runtime;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>Bias, bans and penalties of logits; see <see cref="LogitEditKernel"/>.</summary>
internal sealed class LogitEditOp
{
    private readonly int _threads;
    private readonly Action<AcceleratorStream, KernelConfig, LogitEditArguments> _run;

    /// <summary>Loads the kernel.</summary>
    public LogitEditOp(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        _threads = GroupSize.Of(accelerator, 128);
        _run = accelerator.LoadKernel<LogitEditArguments>(LogitEditKernel.Run);
    }

    /// <summary>Edits logits in place.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="logits">Logits (rows x V).</param>
    /// <param name="edits">The edits, checked by <see cref="Require"/> before they were uploaded.</param>
    /// <param name="count">How many.</param>
    /// <param name="penalties">Penalties, one a row.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Run(
        AcceleratorStream stream, int rows, in RowsView logits, ArrayView<LogitEdit> edits, int count, ArrayView<LogitPenalties> penalties)
    {
        logits.Require(rows, logits.Width, "logits");
        if (count < 0 || count > edits.Length || penalties.Length < rows)
        {
            throw new ArgumentException(
                $"There are '{count}' edits in a list of '{edits.Length}' and penalties for '{penalties.Length}' of '{rows}' rows; expected a list at least as long, and penalties for every row.",
                nameof(count));
        }
        if (count == 0)
        {
            return;
        }
        LogitEditArguments arguments = new()
        {
            Logits = logits.Values,
            Edits = edits,
            Penalties = penalties,
            Count = count,
            Stride = logits.Stride,
            Zero = 0,
        };
        _run(stream, new KernelConfig((count + _threads - 1) / _threads, _threads), arguments);
    }

    /// <summary>Checks that edits name rows and tokens that there are.</summary>
    /// <param name="edits">Edits.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="vocabulary">V: tokens in the vocabulary.</param>
    /// <exception cref="ArgumentException">One does not.</exception>
    public static void Require(ReadOnlySpan<LogitEdit> edits, int rows, int vocabulary)
    {
        foreach (ref readonly LogitEdit edit in edits)
        {
            if ((uint)edit.Row >= (uint)rows || (uint)edit.Token >= (uint)vocabulary)
            {
                throw new ArgumentException(
                    $"An edit names row '{edit.Row}' and token '{edit.Token}'; allowed are rows 0 to {rows - 1} and tokens 0 to {vocabulary - 1}.",
                    nameof(edits));
            }
        }
    }
}
