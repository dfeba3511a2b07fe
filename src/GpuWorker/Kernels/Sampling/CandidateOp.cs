using ILGPU;
using ILGPU.Runtime;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>The most likely tokens of rows of logits; see <see cref="CandidateKernels"/>. Owns the room between its passes.</summary>
internal sealed class CandidateOp : IDisposable
{
    private readonly int _vocabulary;
    private readonly int _parts;
    private readonly int _mostRows;
    private readonly int _mostWanted;
    private readonly int _threads;
    private readonly MemoryBuffer1D<ulong, Stride1D.Dense> _keys;
    private readonly Action<AcceleratorStream, KernelConfig, CandidateArguments> _part;
    private readonly Action<AcceleratorStream, KernelConfig, CandidateArguments> _row;

    /// <summary>Loads the kernels.</summary>
    /// <param name="accelerator">Device.</param>
    /// <param name="vocabulary">V: tokens in the vocabulary.</param>
    /// <param name="mostRows">Most rows of a launch.</param>
    /// <param name="mostWanted">Most candidates of a row, up to 1,024.</param>
    public CandidateOp(Accelerator accelerator, int vocabulary, int mostRows, int mostWanted)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabulary, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostWanted, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mostWanted, CandidateKernels.MostCandidates);
        (_vocabulary, _mostRows, _mostWanted) = (vocabulary, mostRows, mostWanted);
        _parts = (vocabulary + CandidateKernels.PartTokens - 1) / CandidateKernels.PartTokens;
        _threads = GroupSize.Of(accelerator, 256);
        _part = accelerator.LoadKernel<CandidateArguments>(CandidateKernels.Part);
        _row = _parts > 1
            ? accelerator.LoadKernel<CandidateArguments>(CandidateKernels.Row<StoredKeys>)
            : accelerator.LoadKernel<CandidateArguments>(CandidateKernels.Row<LogitKeys>);
        _keys = accelerator.Allocate1D<ulong>(_parts > 1 ? (long)mostRows * _parts * mostWanted : 1);
    }

    /// <summary>Finds the candidates.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="logits">Logits (rows x V) without NaN.</param>
    /// <param name="wanted">n: candidates of a row, from 1 on.</param>
    /// <param name="candidates">Gets them (rows x n), best first; beyond a row's count nothing is written.</param>
    /// <param name="counts">Gets each row's number: less than n where other logits are negative infinity.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Run(AcceleratorStream stream, int rows, in RowsView logits, int wanted, ArrayView<Candidate> candidates, ArrayView<int> counts)
    {
        logits.Require(rows, _vocabulary, "logits");
        if (rows > _mostRows || wanted < 1 || wanted > _mostWanted || candidates.Length < (long)rows * wanted || counts.Length < rows)
        {
            throw new ArgumentException(
                $"'{wanted}' candidates of '{rows}' rows were asked for, with room for '{candidates.Length}' and '{counts.Length}' counts; allowed are 1 to {_mostWanted} candidates of at most {_mostRows} rows.",
                nameof(wanted));
        }
        if (rows == 0)
        {
            return;
        }
        CandidateArguments arguments = new()
        {
            Logits = logits.Values,
            Keys = _keys.View,
            Candidates = candidates,
            Counts = counts,
            Stride = logits.Stride,
            Vocabulary = _vocabulary,
            Parts = _parts,
            Wanted = wanted,
        };
        if (_parts > 1)
        {
            _part(stream, new KernelConfig(checked(rows * _parts), _threads), arguments);
        }
        _row(stream, new KernelConfig(rows, _threads), arguments);
    }

    /// <inheritdoc/>
    public void Dispose() => _keys.Dispose();
}
