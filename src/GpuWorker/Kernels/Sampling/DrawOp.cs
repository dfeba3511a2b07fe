using ILGPU;
using ILGPU.Runtime;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>Draws tokens by Gumbel-max; see <see cref="DrawKernels"/>. Owns the room between its passes.</summary>
internal sealed class DrawOp : IDisposable
{
    private readonly int _vocabulary;
    private readonly int _segments;
    private readonly int _firstToken;
    private readonly int _threads;
    private readonly Accelerator _accelerator;
    private int _mostRows;
    private MemoryBuffer1D<DrawResult, Stride1D.Dense>? _scanned;
    private MemoryBuffer1D<DrawResult, Stride1D.Dense>? _best;
    private readonly Action<AcceleratorStream, KernelConfig, DrawArguments> _scan;
    private readonly Action<AcceleratorStream, KernelConfig, DrawArguments> _draw;
    private readonly Action<AcceleratorStream, KernelConfig, DrawArguments> _join;

    /// <summary>Loads the kernels.</summary>
    /// <param name="accelerator">Device.</param>
    /// <param name="vocabulary">V: tokens of a row.</param>
    /// <param name="mostRows">Most rows of a launch, until <see cref="Reserve"/> says more.</param>
    /// <param name="firstToken">Id of a row's first token.</param>
    public DrawOp(Accelerator accelerator, int vocabulary, int mostRows, int firstToken = 0)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabulary, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostRows, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(firstToken);
        _accelerator = accelerator;
        _vocabulary = vocabulary;
        _firstToken = firstToken;
        _segments = (vocabulary + DrawKernels.SegmentTokens - 1) / DrawKernels.SegmentTokens;
        _threads = GroupSize.Of(accelerator, DrawKernels.MostThreads);
        _scan = accelerator.LoadKernel<DrawArguments>(DrawKernels.Scan);
        _draw = accelerator.LoadKernel<DrawArguments>(DrawKernels.Draw);
        _join = accelerator.LoadKernel<DrawArguments>(DrawKernels.Join);
        Reserve(mostRows);
    }

    /// <summary>Makes room for rows; waits for the device where there is not enough.</summary>
    /// <param name="rows">Rows of a launch.</param>
    public void Reserve(int rows)
    {
        if (rows <= _mostRows)
        {
            return;
        }
        _accelerator.Synchronize();
        Dispose();
        _mostRows = rows;
        _scanned = _accelerator.Allocate1D<DrawResult>((long)rows * _segments);
        _best = _accelerator.Allocate1D<DrawResult>((long)rows * _segments);
    }

    /// <summary>Draws one token a row; results hold ids.</summary>
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
            Scanned = _scanned!.View,
            Segments = _best!.View,
            Results = results.SubView(0, rows),
            Stride = logits.Stride,
            Vocabulary = _vocabulary,
            FirstToken = _firstToken,
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
        _scanned?.Dispose();
        _best?.Dispose();
    }
}
