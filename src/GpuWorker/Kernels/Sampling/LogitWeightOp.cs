using ILGPU;
using ILGPU.Runtime;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>Sums of the weights of rows; see <see cref="LogitWeightKernel"/>.</summary>
internal sealed class LogitWeightOp
{
    private readonly int _threads;
    private readonly Action<AcceleratorStream, KernelConfig, LogitWeightArguments> _run;

    /// <summary>Loads the kernel.</summary>
    public LogitWeightOp(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        _threads = GroupSize.Of(accelerator, LogitWeightKernel.MostThreads);
        _run = accelerator.LoadKernel<LogitWeightArguments>(LogitWeightKernel.Run);
    }

    /// <summary>Sums of a row: its segments.</summary>
    /// <param name="vocabulary">V: tokens of a row.</param>
    public static int SumsOf(int vocabulary) => (vocabulary + LogitWeightKernel.SegmentTokens - 1) / LogitWeightKernel.SegmentTokens;

    /// <summary>Sums the weights of rows that a token was drawn in.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="logits">Processed logits (rows x V).</param>
    /// <param name="weighed">Rows to sum, which the caller has found to be there.</param>
    /// <param name="draws">How tokens are drawn, one a row; temperatures above 0.</param>
    /// <param name="drawn">What was drawn, one a row.</param>
    /// <param name="sums">Gets the sums (rows to sum x segments), relative to the weight of each row's largest logit.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Run(
        AcceleratorStream stream,
        int rows,
        in RowsView logits,
        ArrayView<int> weighed,
        ArrayView<DrawParameters> draws,
        ArrayView<DrawResult> drawn,
        ArrayView<double> sums)
    {
        logits.Require(rows, logits.Width, "logits");
        int segments = SumsOf(logits.Width);
        if (draws.Length < rows || drawn.Length < rows || sums.Length < weighed.Length * segments)
        {
            throw new ArgumentException(
                $"There are parameters for '{draws.Length}' and results of '{drawn.Length}' of '{rows}' rows, and room for '{sums.Length}' sums; "
                + $"expected one of each a row, and '{segments}' sums for each of '{weighed.Length}'.",
                nameof(sums));
        }
        if (weighed.Length == 0)
        {
            return;
        }
        LogitWeightArguments arguments = new()
        {
            Logits = logits.Values,
            Rows = weighed,
            Draws = draws,
            Drawn = drawn,
            Sums = sums,
            Stride = logits.Stride,
            Vocabulary = logits.Width,
            SegmentCount = segments,
        };
        _run(stream, new KernelConfig(checked(weighed.IntLength * segments), _threads), arguments);
    }
}
