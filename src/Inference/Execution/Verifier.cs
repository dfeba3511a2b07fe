using System.Runtime.InteropServices;
using Winnow.Inference.Acceptance;
using Winnow.Inference.Grammar;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Execution;

/// <summary>
/// The last shard's part of a step: logits of the rows that are sampled, a token at the root and then at every draft node that equals the
/// token drawn before it. By the law that is the target's own token; other acceptance rules draw it with an eye on the drafts. Buffers are reused.
/// </summary>
internal sealed class Verifier
{
    private readonly int _vocabulary;
    private readonly int _logitRows;
    private readonly IStepLogits _logits;
    private readonly NodeSampler _sampler;
    private readonly LogSoftmax _logSoftmax;
    private readonly List<int> _tokens = [];
    private readonly List<int> _path = [];
    private readonly List<int> _drafts = [];
    private readonly List<TokenLogprobs> _logprobs = [];

    public Verifier(IShard shard, ShardEngineOptions options, IDrawingShard? drawing)
    {
        _vocabulary = shard.Spec.VocabularySize;
        _logitRows = Math.Max(options.MaxDraftTokens + 1, options.LogitBytes / sizeof(float) / _vocabulary);
        _logits = drawing is null ? new HostLogits(shard) : new ShardDraws(drawing);
        _sampler = new NodeSampler(_vocabulary);
        _logSoftmax = new LogSoftmax(_vocabulary);
    }

    /// <summary>A test's way to break the law: the noise stream of the sequence at an index of the step.</summary>
    public Func<int, uint>? NoiseStreamOf { get; set; }

    /// <summary>See <see cref="NodeSampler.Lots"/>.</summary>
    public IRuleLots? Lots
    {
        set => _sampler.Lots = value;
    }

    /// <summary>Samples and verifies every sequence of a step.</summary>
    /// <param name="batch">The rows as they ran.</param>
    /// <param name="steps">Their messages, in the same order.</param>
    /// <param name="slots">Their slots, in the same order.</param>
    /// <param name="hidden">Hidden states (rows x C).</param>
    /// <param name="results">Gets one entry per sequence, in the same order.</param>
    public void Verify(
        ForwardBatch batch, IReadOnlyList<SequenceRows> steps, List<SlotState> slots, ReadOnlySpan<float> hidden, List<SequenceResult> results)
    {
        int firstRow = 0;
        for (int next = 0, end; next < steps.Count; next = end)
        {
            end = GroupEnd(batch, next, out int rows);
            _logits.Take(new LogitGroup(batch, steps, slots, next, end, firstRow, rows, NoiseStreamOf), hidden);
            firstRow += rows;
            int firstLogitRow = 0;
            for (int i = next; i < end; i++)
            {
                ForwardSequence sequence = batch[i];
                _sampler.NoiseStream = NoiseStreamOf?.Invoke(i) ?? 0;
                results.Add(steps[i].Sample
                    ? Walk(sequence, steps[i], slots[i], firstLogitRow)
                    : new SequenceResult { Slot = steps[i].Slot });
                firstLogitRow += sequence.RowCount - sequence.FirstOutputRow;
            }
        }
    }

    /// <summary>As many sequences as one pass of the head takes, from <paramref name="first"/> on.</summary>
    private int GroupEnd(ForwardBatch batch, int first, out int rows)
    {
        rows = 0;
        int end = first;
        for (; end < batch.SequenceCount; end++)
        {
            int count = batch[end].RowCount - batch[end].FirstOutputRow;
            if (end > first && rows + count > _logitRows)
            {
                break;
            }
            rows += count;
        }
        return end;
    }

    private SequenceResult Walk(ForwardSequence sequence, SequenceRows rows, SlotState slot, int firstLogitRow)
    {
        _tokens.Clear();
        _path.Clear();
        _logprobs.Clear();
        SamplingPlan plan = slot.Plan!;
        int root = sequence.FirstOutputRow;
        int firstIndex = sequence.BaseLength + root + 1 - slot.PromptTokens;
        slot.History?.SyncTo(slot.Chain.Tokens[..(sequence.BaseLength + root + 1)]);
        try
        {
            GrammarState? grammar = slot.Grammar?.At(slot.Chain, sequence.BaseLength + root + 1);
            for (int row = root; row >= 0;)
            {
                int logitRow = firstLogitRow + row - root;
                DraftLaw? law = FindDrafts(sequence, row, rows);
                int token = grammar is { IsFinished: true } ? grammar.EndToken : Draw(logitRow, slot, grammar, firstIndex + _tokens.Count, law);
                grammar = grammar?.Advance(token);
                if (plan.Parameters.Logprobs)
                {
                    _logprobs.Add(_logSoftmax.Of(_logits.Row(logitRow), token, plan.Parameters.TopLogprobs));
                }
                _tokens.Add(token);
                row = Child(sequence, row, token);
                if (row >= 0)
                {
                    _path.Add(row);
                }
            }
        }
        catch (SamplingException e)
        {
            string type = slot.Grammar is not null && e.Type == SamplingException.NoCandidates ? StepErrorTypes.GrammarFailed : e.Type;
            return new SequenceResult { Slot = rows.Slot, Error = new StepError(type, e.Message) };
        }
        catch (GrammarException e)
        {
            return new SequenceResult { Slot = rows.Slot, Error = new StepError(StepErrorTypes.GrammarFailed, e.Message) };
        }
        return new SequenceResult
        {
            Slot = rows.Slot,
            Tokens = [.. _tokens],
            Accepted = _path.Count,
            Path = [.. _path],
            Logprobs = [.. _logprobs],
            Candidates = rows.WantsCandidates ? FindCandidates(firstLogitRow, sequence.RowCount - root) : [],
        };
    }

    private int Draw(int logitRow, SlotState slot, GrammarState? grammar, int generationIndex, DraftLaw? law)
    {
        ReadOnlySpan<int> drafts = CollectionsMarshal.AsSpan(_drafts);
        if (_sampler.TakesOwnToken(slot.Plan!, drafts, law) && _logits.TryDraw(logitRow, slot.Plan!, generationIndex, out int token))
        {
            return token;
        }
        _sampler.Mask = grammar?.Mask;
        return _sampler.Draw(_logits.Row(logitRow), slot.Plan!, slot.History, CollectionsMarshal.AsSpan(_tokens), generationIndex, drafts, law);
    }

    /// <summary>
    /// The likeliest tokens after each row, by the model's own logits: what a sequence's processors and noise make of them would mislead others, and would have to be
    /// computed for rows that nothing is drawn at.
    /// </summary>
    private int[] FindCandidates(int firstLogitRow, int rows)
    {
        int columns = Math.Min(SequenceResult.MostCandidates, _vocabulary);
        int[] found = new int[rows * columns];
        for (int row = 0; row < rows; row++)
        {
            _logits.FindLikeliest(firstLogitRow + row, found.AsSpan(row * columns, columns));
        }
        return found;
    }

    /// <summary>Collects the drafts for the position after a row.</summary>
    /// <returns>What they were drawn from: the first one's counts for all.</returns>
    private DraftLaw? FindDrafts(ForwardSequence sequence, int parent, SequenceRows rows)
    {
        _drafts.Clear();
        DraftLaw? law = null;
        for (int row = parent + 1; row < sequence.RowCount; row++)
        {
            if (sequence.Parents[row] == parent)
            {
                int index = row - rows.KnownCount;
                law = _drafts.Count == 0 && index < rows.DraftLaws.Length ? rows.DraftLaws[index] : law;
                _drafts.Add(sequence.Tokens[row]);
            }
        }
        return law;
    }

    /// <summary>The first child of a row that holds the token, or -1.</summary>
    private static int Child(ForwardSequence sequence, int row, int token)
    {
        for (int child = row + 1; child < sequence.RowCount; child++)
        {
            if (sequence.Parents[child] == row && sequence.Tokens[child] == token)
            {
                return child;
            }
        }
        return -1;
    }
}
