using Winnow.Inference.Grammar;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Execution;

/// <summary>
/// Logits that stay on a device: every row that may be walked to is drawn from there, with its processors, in one go, and a row comes to the host only where the walk
/// needs more of it than was asked for. Buffers are reused.
/// </summary>
/// <remarks>
/// What is asked of a row: a draw with its edits, mask and noise; where tokens are cut off, the most likely ones too (all that a top-k keeps, otherwise 1,024), and for top-p
/// without top-k about the sum of all weights. The host finishes the draw from those, or looks at the row where they do not tell for certain. Rows of rules that need
/// weights of all tokens, of a top-k above 1,024, and log-probabilities always take the row.
/// </remarks>
/// <param name="shard">The last shard.</param>
internal sealed class ShardDraws(IDrawingShard shard) : IStepLogits
{
    private readonly TokenSampler _sampler = new(shard.Spec.VocabularySize);
    private readonly LogitEditList _edits = new(shard.Spec.VocabularySize);
    private readonly LogitDraws _draws = new();
    private readonly List<GrammarState?> _places = [];
    private readonly float[] _row = new float[shard.Spec.VocabularySize];
    private int _rowHeld = -1;

    /// <inheritdoc/>
    public void Take(in LogitGroup group, ReadOnlySpan<float> hidden)
    {
        _draws.Clear();
        _rowHeld = -1;
        for (int i = group.First; i < group.End; i++)
        {
            if (group.Steps[i].Sample)
            {
                Ask(group.Batch[i], group.Steps[i], group.Slots[i], group.NoiseStreamOf?.Invoke(i) ?? 0);
            }
        }
        if (_draws.Count > 0)
        {
            shard.Draw(group.FirstRow, _draws);
        }
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Row(int row)
    {
        if (_rowHeld != row)
        {
            shard.ReadLogits(row, _row);
            _rowHeld = row;
        }
        return _row;
    }

    /// <inheritdoc/>
    public bool TryDraw(int row, SamplingPlan plan, int generationIndex, out int token)
    {
        ref readonly RowAsk ask = ref _draws.Asks[row];
        ref readonly RowFinding found = ref _draws.Findings[row];
        token = -1;
        _sampler.NoiseStream = ask.Parameters.Stream;
        return ask.Draws && _sampler.TryFinish(in found, _draws.CandidatesIn(found.Best), plan, generationIndex, out token);
    }

    /// <inheritdoc/>
    public void FindLikeliest(int row, Span<int> ids)
    {
        ReadOnlySpan<Candidate> likeliest = _draws.CandidatesIn(_draws.Findings[row].Likeliest);
        for (int i = 0; i < likeliest.Length; i++)
        {
            ids[i] = likeliest[i].Token;
        }
    }

    // A row below the root is walked to only if all nodes on its path were drawn: its tokens before are those, its place in the grammar is after them.
    private void Ask(ForwardSequence sequence, SequenceRows rows, SlotState slot, uint noiseStream)
    {
        SamplingPlan plan = slot.Plan!;
        int root = sequence.FirstOutputRow;
        int length = sequence.BaseLength + root + 1;
        slot.History?.SyncTo(slot.Chain.Tokens[..length]);
        _places.Clear();
        for (int row = root; row < sequence.RowCount; row++)
        {
            bool draws = TryPlace(sequence, row, slot, length, out GrammarMask? mask);
            int depth = sequence.Depths[row] - sequence.Depths[root];
            if (draws && plan.EditsLogits)
            {
                CollectEdits(sequence, row, slot, depth);
            }
            int best = draws ? TokenSampler.BestNeeded(plan) : 0;
            SamplingParameters parameters = plan.Parameters;
            _draws.Add(
                new RowAsk
                {
                    Draws = draws,
                    Parameters = DrawParameters.Of(parameters.Seed, parameters.Choice, length - slot.PromptTokens + depth, parameters.Temperature, noiseStream),
                    Penalties = new LogitPenalties { Repetition = plan.RepetitionPenalty, Frequency = plan.FrequencyPenalty, Presence = plan.PresencePenalty },
                    Mask = mask,
                    Likeliest = rows.WantsCandidates ? SequenceResult.MostCandidates : 0,
                    Best = best,
                    Weighs = best > 0 && parameters.TopK == 0 && parameters.TopP < 1,
                },
                draws && plan.EditsLogits ? _edits.Edits : []);
        }
    }

    /// <summary>Finds a row's place in its sequence's grammar and what may follow there.</summary>
    /// <returns>Whether a draw there can be of use: drafts may be none of the grammar's, and at the end of a text nothing is drawn.</returns>
    private bool TryPlace(ForwardSequence sequence, int row, SlotState slot, int length, out GrammarMask? mask)
    {
        mask = null;
        if (slot.Grammar is null)
        {
            return true;
        }
        GrammarState? place = null;
        try
        {
            int root = sequence.FirstOutputRow;
            place = row == root ? slot.Grammar.At(slot.Chain, length) : _places[sequence.Parents[row] - root]?.Advance(sequence.Tokens[row]);
            mask = place is null || place.IsFinished ? null : place.Mask;
        }
        catch (GrammarException)
        {
            // Whoever walks there comes to the same place and says so; most drafts are not walked to.
            place = null;
        }
        _places.Add(place);
        return mask is not null;
    }

    private void CollectEdits(ForwardSequence sequence, int row, SlotState slot, int depth)
    {
        TokenHistory? history = slot.History;
        for (int node = row, i = 0; i < depth && history is not null; i++)
        {
            history.Append(sequence.Tokens[node]);
            node = sequence.Parents[node];
        }
        _edits.Collect(slot.Plan!, history);
        for (int i = 0; i < depth && history is not null; i++)
        {
            history.RemoveLast();
        }
    }
}
