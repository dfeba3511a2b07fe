using ILGPU;
using ILGPU.Runtime;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>The most likely tokens of rows of logits; see <see cref="CandidateKernels"/>. Owns the room between its passes.</summary>
internal sealed class CandidateOp : IDisposable
{
    private readonly Accelerator _accelerator;
    private readonly int _vocabulary;
    private readonly int _firstToken;
    private readonly int _parts;
    private readonly int _threads;
    private readonly Action<AcceleratorStream, KernelConfig, CandidateArguments> _part;
    private readonly Action<AcceleratorStream, KernelConfig, CandidateArguments> _row;
    private MemoryBuffer1D<ulong, Stride1D.Dense>? _keys;

    /// <summary>Loads the kernels.</summary>
    /// <param name="accelerator">Device.</param>
    /// <param name="vocabulary">V: tokens of a row.</param>
    /// <param name="firstToken">Id of a row's first token.</param>
    public CandidateOp(Accelerator accelerator, int vocabulary, int firstToken = 0)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabulary, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(firstToken);
        (_accelerator, _vocabulary, _firstToken) = (accelerator, vocabulary, firstToken);
        _parts = (vocabulary + CandidateKernels.PartTokens - 1) / CandidateKernels.PartTokens;
        _threads = GroupSize.Of(accelerator, 256);
        _part = accelerator.LoadKernel<CandidateArguments>(CandidateKernels.Part);
        _row = _parts > 1
            ? accelerator.LoadKernel<CandidateArguments>(CandidateKernels.Row<StoredKeys>)
            : accelerator.LoadKernel<CandidateArguments>(CandidateKernels.Row<LogitKeys>);
    }

    /// <summary>Checks what is asked, before it is uploaded, and makes room for it; waits for the device where there is not enough.</summary>
    /// <param name="asks">The asks; their places are set here.</param>
    /// <param name="rows">Rows of the logits.</param>
    /// <returns>Candidates wanted in all.</returns>
    /// <exception cref="ArgumentException">One asks for a row that is not there, or for too many.</exception>
    public int Prepare(Span<CandidateAsk> asks, int rows)
    {
        int wanted = 0;
        foreach (ref CandidateAsk ask in asks)
        {
            if ((uint)ask.Row >= (uint)rows || ask.Wanted < 1 || ask.Wanted > CandidateKernels.MostCandidates)
            {
                throw new ArgumentException(
                    $"'{ask.Wanted}' candidates of row '{ask.Row}' were asked for; allowed are 1 to {CandidateKernels.MostCandidates} of rows 0 to {rows - 1}.",
                    nameof(asks));
            }
            ask.First = wanted;
            wanted = checked(wanted + ask.Wanted);
        }
        long keys = _parts > 1 ? (long)wanted * _parts : 1;
        if (_keys is null || _keys.Length < keys)
        {
            long room = Math.Max(keys, 2 * (_keys?.Length ?? 0));
            _accelerator.Synchronize();
            _keys?.Dispose();
            _keys = _accelerator.Allocate1D<ulong>(room);
        }
        return wanted;
    }

    /// <summary>Finds the candidates.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="logits">Logits (rows x V); NaN is no candidate.</param>
    /// <param name="asks">What is asked, as <see cref="Prepare"/> has left it.</param>
    /// <param name="candidates">Gets them, each ask's from its place on, best first; beyond its count nothing is written.</param>
    /// <param name="counts">Gets each ask's number: less than wanted where other logits are negative infinity.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Run(
        AcceleratorStream stream, int rows, in RowsView logits, ArrayView<CandidateAsk> asks, ArrayView<Candidate> candidates, ArrayView<int> counts)
    {
        logits.Require(rows, _vocabulary, "logits");
        if (counts.Length < asks.Length)
        {
            throw new ArgumentException($"There is room for the counts of '{counts.Length}' of '{asks.Length}' asks; one of each is expected.", nameof(counts));
        }
        if (asks.Length == 0)
        {
            return;
        }
        CandidateArguments arguments = new()
        {
            Logits = logits.Values,
            Asks = asks,
            Keys = _keys!.View,
            Candidates = candidates,
            Counts = counts,
            Stride = logits.Stride,
            Vocabulary = _vocabulary,
            FirstToken = _firstToken,
            Parts = _parts,
        };
        if (_parts > 1)
        {
            _part(stream, new KernelConfig(checked(asks.IntLength * _parts), _threads), arguments);
        }
        _row(stream, new KernelConfig(asks.IntLength, _threads), arguments);
    }

    /// <inheritdoc/>
    public void Dispose() => _keys?.Dispose();
}
