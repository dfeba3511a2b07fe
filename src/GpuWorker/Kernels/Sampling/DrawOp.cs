using ILGPU;
using ILGPU.Runtime;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>Draws tokens by Gumbel-max; see <see cref="DrawKernels"/>. Owns the room between its passes.</summary>
internal sealed class DrawOp : IDisposable
{
    private readonly int _vocabulary;
    private readonly int _segments;
    private readonly int _mostRows;
    private readonly int _threads;
    private readonly MemoryBuffer1D<DrawResult, Stride1D.Dense> _scanned;
    private readonly MemoryBuffer1D<DrawResult, Stride1D.Dense> _best;
    private readonly Action<AcceleratorStream, KernelConfig, DrawArguments> _scan;
    private readonly Action<AcceleratorStream, KernelConfig, DrawArguments> _draw;
    private readonly Action<AcceleratorStream, KernelConfig, DrawArguments> _join;

    /// <summary>Loads the kernels.</summary>
    /// <param name="accelerator">Device.</param>
    /// <param name="vocabulary">V: tokens in the vocabulary.</param>
    /// <param name="mostRows">Most rows of a launch.</param>
    public DrawOp(Accelerator accelerator, int vocabulary, int mostRows)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabulary, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostRows, 1);
        _vocabulary = vocabulary;
        _mostRows = mostRows;
        _segments = (vocabulary + DrawKernels.SegmentTokens - 1) / DrawKernels.SegmentTokens;
        _threads = GroupSize.Of(accelerator, DrawKernels.MostThreads);
        _scan = accelerator.LoadKernel<DrawArguments>(DrawKernels.Scan);
        _draw = accelerator.LoadKernel<DrawArguments>(DrawKernels.Draw);
        _join = accelerator.LoadKernel<DrawArguments>(DrawKernels.Join);
        _scanned = accelerator.Allocate1D<DrawResult>((long)mostRows * _segments);
        _best = accelerator.Allocate1D<DrawResult>((long)mostRows * _segments);
    }

    /// <summary>Draws one token a row.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="logits">Processed logits (rows x V).</param>
    /// <param name="draws">How, one a row.</param>
    /// <param name="results">Gets the tokens, one a row.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Run(AcceleratorStream stream, int rows, in RowsView logits, ArrayView<DrawParameters> draws, ArrayView<DrawResult> results)
    {
        logits.Require(rows, _vocabulary, "logits");
        if (rows > _mostRows || draws.Length < rows || results.Length < rows)
        {
            throw new ArgumentException(
                $"There are '{rows}' rows, parameters for '{draws.Length}' and room for '{results.Length}' results; at most '{_mostRows}' rows are allowed, and one of each a row.",
                nameof(rows));
        }
        if (rows == 0)
        {
            return;
        }
        DrawArguments arguments = new()
        {
            Logits = logits.Values,
            Draws = draws,
            Scanned = _scanned.View,
            Segments = _best.View,
            Results = results.SubView(0, rows),
            Stride = logits.Stride,
            Vocabulary = _vocabulary,
            SegmentCount = _segments,
            Zero = 0,
        };
        KernelConfig segments = new(checked(rows * _segments), _threads);
        _scan(stream, segments, arguments);
        _draw(stream, segments, arguments);
        _join(stream, new KernelConfig((rows + _threads - 1) / _threads, _threads), arguments);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _scanned.Dispose();
        _best.Dispose();
    }
}
