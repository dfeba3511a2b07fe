using Winnow.Inference.Cache;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Coordination.Calibration;

/// <summary>
/// Steps of so many rows as decoding sends them: in each of some sequences a committed token and drafts after it, all of them sampled. Every step opens its sequences anew and
/// closes those of the one before; the blocks are the first ones, of which the coordinator has given none away yet.
/// </summary>
internal sealed class StepProbe : ICalibrationProbe
{
    // As drafting divides rows: a token and three drafts, more where there are too few sequences.
    private const int RowsOfSequence = 4;

    private readonly ITargetPipeline _pipeline;
    private readonly PipelineShape _shape;
    private readonly ReplicaCosts _costs;
    private readonly int _mostSequences;
    private readonly List<int> _sizes = [];
    private readonly List<int> _open = [];

    /// <summary>Times steps on a pipeline.</summary>
    /// <param name="pipeline">The pipeline, on which nothing runs.</param>
    /// <param name="options">Limits of steps.</param>
    /// <param name="costs">Told of every step sent.</param>
    public StepProbe(ITargetPipeline pipeline, CoordinatorOptions options, ReplicaCosts costs)
    {
        _pipeline = pipeline;
        _shape = pipeline.Shape;
        _costs = costs;
        _mostSequences = options.MaxSequences;
        int most = Math.Min(options.MaxStepTokens, options.MaxSequences * (SpeculationOptions.MaxDraftTokens + 1));
        for (int rows = 1; rows <= most && Fits(rows); rows *= 2)
        {
            _sizes.Add(rows);
        }
    }

    /// <inheritdoc />
    public IReadOnlyList<int> Sizes => _sizes;

    /// <inheritdoc />
    /// <exception cref="InvalidDataException">The step failed, or a sequence of it, or the answer is to another step.</exception>
    public async Task<bool> RunAsync(int size, CancellationToken cancellation)
    {
        int sequences = SequencesFor(size);
        int each = size / sequences;
        int blocks = BlocksFor(each);
        StepBatch batch = Next();
        for (int slot = 0; slot < sequences; slot++)
        {
            int[] tokens = SomeTokens.Of(slot, each, _shape.VocabularySize);
            batch.Opens.Add(new SequenceOpen
            {
                Slot = slot,
                Tokens = tokens[..1],
                PromptTokens = 1,
                CachedTokens = 0,
                Blocks = [.. Enumerable.Range(slot * blocks, blocks)],
                Sampling = SamplingParameters.Greedy,
            });
            batch.Sequences.Add(new SequenceRows { Slot = slot, BaseLength = 0, PrefixHash = PrefixHash.Empty, Tokens = tokens, KnownCount = 1, Sample = true });
            _open.Add(slot);
        }
        await ExchangeAsync(batch, cancellation).ConfigureAwait(false);
        return true;
    }

    /// <summary>Closes the slots: the step is sent in any case, and its result awaited as long as there is time.</summary>
    /// <inheritdoc />
    public async Task CloseAsync(CancellationToken cancellation)
    {
        if (_open.Count > 0)
        {
            await ExchangeAsync(Next(), cancellation).ConfigureAwait(false);
        }
    }

    private StepBatch Next()
    {
        var batch = new StepBatch { Epoch = _shape.Epoch, Step = ++_costs.LastStep };
        batch.Closes.AddRange(_open);
        _open.Clear();
        return batch;
    }

    private async Task ExchangeAsync(StepBatch batch, CancellationToken cancellation)
    {
        // Handing over a single step does not wait; what waits for the result is what may be cut off.
        await _pipeline.SendAsync(batch, CancellationToken.None).ConfigureAwait(false);
        StepResult result = await _pipeline.Results.ReadAsync(cancellation).ConfigureAwait(false);
        StepError? error = result.Error ?? result.Sequences.Find(static sequence => sequence.Error is not null)?.Error;
        if (error is not null)
        {
            throw new InvalidDataException($"Step '{batch.Step}' failed: {error.Type}: {error.Message}");
        }
        if (result.Step != batch.Step || result.Sequences.Count != batch.Sequences.Count)
        {
            throw new InvalidDataException($"The pipeline answered with step '{result.Step}' of '{result.Sequences.Count}' sequences to step '{batch.Step}' of "
                + $"'{batch.Sequences.Count}'; results must come in order and whole.");
        }
    }

    private bool Fits(int rows)
    {
        int sequences = SequencesFor(rows);
        int each = rows / sequences;
        return each <= Math.Min(SpeculationOptions.MaxDraftTokens + 1, _shape.ContextTokens) && sequences * BlocksFor(each) <= _shape.BlockCount;
    }

    private int SequencesFor(int rows) => Math.Clamp(rows / RowsOfSequence, 1, _mostSequences);

    private int BlocksFor(int tokens) => (tokens + _shape.BlockTokens - 1) / _shape.BlockTokens;
}
