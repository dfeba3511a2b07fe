using Winnow.Inference.Cache;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Coordination.Calibration;

/// <summary>
/// Times steps of 1 to 64 rows on a pipeline that serves nobody yet, and rounds of its drafter. Goes through all of them again and again, the smallest first, until the time
/// is over: the first times are those of cold code, so that the least of each counts.
/// </summary>
/// <param name="replica">The replica.</param>
/// <param name="options">How long, and limits.</param>
/// <param name="time">Clock.</param>
internal sealed class StepCalibration(Replica replica, CoordinatorOptions options, TimeProvider time)
{
    private const int MostPasses = 10;
    private const int MostSlots = 8;
    private const int PromptTokens = 4;
    private const double Growth = 2.2;

    // Ids that no sequence of the coordinator comes to.
    private const long FirstSequence = long.MaxValue - MostSlots;
    private static readonly int[] RowCounts = [1, 2, 4, 8, 16, 32, 64];
    private static readonly (int Sequences, int Tokens)[] Forms = [(1, 1), (1, 4), (4, 1), (4, 4), (8, 2)];

    private readonly ReplicaCosts _costs = new();
    private readonly PipelineShape _shape = replica.Pipeline.Shape;
    private readonly List<int> _told = [];

    /// <summary>Measures for no longer than <see cref="CoordinatorOptions.CalibrationTime"/> and a step or two more.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, or the replica was lost.</exception>
    public async Task<ReplicaCosts> RunAsync(CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, replica.Lost);
        // The very first step is that of cold code: its time says nothing, and is not counted.
        if (!await StepAsync(1, either.Token).ConfigureAwait(false))
        {
            return _costs;
        }
        long started = time.GetTimestamp();
        TimeSpan forSteps = replica.Drafter is null ? options.CalibrationTime : options.CalibrationTime * 0.7;
        await RepeatAsync(RowCounts, _costs.Steps, static rows => rows, StepAsync, started, forSteps, either.Token).ConfigureAwait(false);
        if (replica.Drafter is not null)
        {
            await RepeatAsync(Forms, _costs.Rounds, static form => form.Sequences * form.Tokens, RoundAsync, started, options.CalibrationTime, either.Token).ConfigureAwait(false);
            await replica.Drafter.ProposeAsync([], [.. _told.Select((_, i) => FirstSequence + i)], either.Token).ConfigureAwait(false);
        }
        return _costs;
    }

    // Stops where the next measurement would take longer than there is time.
    private async Task RepeatAsync<T>(
        T[] what, IDictionary<T, double> times, Func<T, int> size, Func<T, CancellationToken, Task<bool>> measure, long started, TimeSpan limit, CancellationToken cancellation)
        where T : notnull
    {
        for (int pass = 0; pass < MostPasses; pass++)
        {
            double last = 0;
            int lastSize = 0;
            foreach (T one in what)
            {
                double expected = times.TryGetValue(one, out double known) ? known : size(one) > lastSize ? Growth * last : last;
                if (time.GetElapsedTime(started).TotalSeconds + expected > limit.TotalSeconds)
                {
                    break;
                }
                long began = time.GetTimestamp();
                if (!await measure(one, cancellation).ConfigureAwait(false))
                {
                    return;
                }
                last = time.GetElapsedTime(began).TotalSeconds;
                lastSize = size(one);
                ReplicaCosts.Keep(times, one, last);
            }
        }
    }

    /// <summary>Runs one step of so many rows: a token and its drafts in each of at most eight sequences that begin with it.</summary>
    private async Task<bool> StepAsync(int rows, CancellationToken cancellation)
    {
        int sequences = Math.Min(Math.Min(rows, MostSlots), options.MaxSequences);
        int each = rows / sequences;
        int blocks = (each + _shape.BlockTokens - 1) / _shape.BlockTokens;
        if (rows > options.MaxStepTokens || each > _shape.ContextTokens || each - 1 > SpeculationOptions.MaxDraftTokens || sequences * blocks > _shape.BlockCount)
        {
            return false;
        }
        var batch = new StepBatch { Epoch = _shape.Epoch, Step = ++_costs.LastStep };
        batch.Closes.AddRange(_costs.OpenSlots);
        _costs.OpenSlots.Clear();
        for (int slot = 0; slot < sequences; slot++)
        {
            int[] tokens = Tokens(slot, each);
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
            _costs.OpenSlots.Add(slot);
        }
        await replica.Pipeline.SendAsync(batch, cancellation).ConfigureAwait(false);
        StepResult result = await replica.Pipeline.Results.ReadAsync(cancellation).ConfigureAwait(false);
        return result.Error is null && result.Sequences.TrueForAll(static sequence => sequence.Error is null);
    }

    /// <summary>Asks for drafts for some sequences, each with a token more than the last time.</summary>
    private async Task<bool> RoundAsync((int Sequences, int Tokens) form, CancellationToken cancellation)
    {
        var queries = new List<DraftQuery>();
        for (int i = 0; i < form.Sequences; i++)
        {
            if (_told.Count == i)
            {
                _told.Add(0);
            }
            int known = _told[i];
            _told[i] = known == 0 ? PromptTokens : known + 1;
            int[] tokens = Tokens(i, _told[i]);
            queries.Add(new DraftQuery
            {
                Sequence = FirstSequence + i,
                KnownLength = known,
                PrefixHash = PrefixHash.Of(tokens.AsSpan(0, known)),
                NewTokens = tokens[known..],
                DraftTokens = Math.Min(form.Tokens, options.MaxDraftTokens),
                PromptTokens = PromptTokens,
                Sampling = known == 0 ? SamplingParameters.Greedy : null,
            });
        }
        using var late = new CancellationTokenSource(options.DraftDeadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        IReadOnlyList<DraftProposal> proposals = await replica.Drafter!.ProposeAsync(queries, [], either.Token).ConfigureAwait(false);
        return proposals.Count == queries.Count && proposals.All(proposal => proposal?.Tokens?.Length == queries[0].DraftTokens);
    }

    private int[] Tokens(int seed, int count) => [.. Enumerable.Range(0, count).Select(i => (int)((uint)((seed * 31) + (i * 7) + 1) % (uint)_shape.VocabularySize))];
}
