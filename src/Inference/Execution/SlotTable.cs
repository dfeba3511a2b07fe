using Winnow.Inference.Files;
using Winnow.Inference.Grammar;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Execution;

/// <summary>The open sequences of a shard: applies the closes and opens of a step.</summary>
/// <param name="spec">Sizes of the shard.</param>
/// <param name="options">Limits.</param>
/// <param name="draws">Tokens are drawn here, so that penalties are counted.</param>
/// <param name="scratch">Scratch rows.</param>
/// <param name="vocabulary">The vocabulary of grammars, where tokens are verified; <see langword="null"/> where none can be followed.</param>
internal sealed class SlotTable(ShardSpec spec, ShardEngineOptions options, bool draws, ScratchRows scratch, Lazy<GrammarVocabulary>? vocabulary)
{
    private readonly Dictionary<int, SlotState> _slots = [];
    private readonly HashSet<int> _opened = [];

    /// <summary>Sequences open, those that failed to open included.</summary>
    public int Count => _slots.Count;

    /// <summary>The slot, or <see langword="null"/> when it is not open.</summary>
    public SlotState? Find(int slot) => _slots.GetValueOrDefault(slot);

    /// <summary>Whether the closes and opens of a step can be applied.</summary>
    public StepError? Check(StepBatch batch)
    {
        int after = _slots.Count + batch.Opens.Count;
        foreach (int slot in batch.Closes)
        {
            after -= _slots.ContainsKey(slot) ? 1 : 0;
        }
        if (after > options.MaxSlots)
        {
            return new StepError(StepErrorTypes.BadStep, $"The step would leave '{after}' sequences open; the limit is {options.MaxSlots}; close some first.");
        }
        _opened.Clear();
        foreach (SequenceOpen open in batch.Opens)
        {
            bool isOpen = _slots.ContainsKey(open.Slot) && !batch.Closes.Contains(open.Slot);
            if (isOpen || !_opened.Add(open.Slot))
            {
                return new StepError(StepErrorTypes.BadStep, $"The step opens slot '{open.Slot}', which is open; close it first.");
            }
        }
        return null;
    }

    /// <summary>Frees a slot; one that is not open is left alone, so that a close may be repeated.</summary>
    public void Close(int slot)
    {
        if (_slots.Remove(slot, out SlotState? state))
        {
            state.Drafts.Release(scratch);
        }
    }

    /// <summary>Frees all slots.</summary>
    public void Clear()
    {
        foreach (SlotState state in _slots.Values)
        {
            state.Drafts.Release(scratch);
        }
        _slots.Clear();
    }

    /// <summary>Opens a slot; one that is malformed opens as failed, and its rows are dropped with the reason.</summary>
    public void Open(SequenceOpen open)
    {
        GrammarCursor? grammar = null;
        string? problem = Problem(open) ?? CompileProblem(open, out grammar);
        if (problem is not null)
        {
            _slots.Add(open.Slot, new SlotState { Error = new StepError(StepErrorTypes.BadOpen, problem) });
            return;
        }
        SamplingPlan plan = SamplingPlan.Create(open.Sampling, spec.VocabularySize);
        SlotState state = new()
        {
            Plan = plan,
            PromptTokens = open.PromptTokens,
            Grammar = grammar,
            History = draws && plan.UsesHistory ? new TokenHistory(open.PromptTokens) : null,
        };
        state.Chain.Append(open.Tokens.AsSpan(0, open.CachedTokens));
        state.ChangeBlocks(0, open.Blocks);
        _slots.Add(open.Slot, state);
    }

    private string? CompileProblem(SequenceOpen open, out GrammarCursor? grammar)
    {
        grammar = null;
        if (open.Sampling.Grammar is not { } source || !spec.HasHead)
        {
            return null;
        }
        if (vocabulary is null)
        {
            return "The sequence opens with a grammar, which this shard has no tokeniser to follow by.";
        }
        try
        {
            grammar = new GrammarCursor(vocabulary.Value.Compile(source), open.PromptTokens);
            return null;
        }
        catch (Exception exception) when (exception is GrammarException or ModelFileException)
        {
            return exception.Message;
        }
    }

    private string? Problem(SequenceOpen open)
    {
        if (open.PromptTokens < 1 || open.PromptTokens > open.Tokens.Length || open.Tokens.Length > spec.ContextTokens)
        {
            return $"The sequence opens with '{open.PromptTokens}' prompt tokens of '{open.Tokens.Length}'; 1 to {spec.ContextTokens} are allowed.";
        }
        if (open.CachedTokens < 0 || open.CachedTokens > open.Tokens.Length
            || open.CachedTokens > (long)open.Blocks.Length * spec.BlockTokens || open.Blocks.Length > spec.BlockCount)
        {
            return $"The sequence opens with '{open.CachedTokens}' cached tokens in '{open.Blocks.Length}' blocks of {spec.BlockTokens}; "
                + $"its tokens are '{open.Tokens.Length}'.";
        }
        if (open.Blocks.AsSpan().ContainsAnyExceptInRange(0, spec.BlockCount - 1))
        {
            return $"The sequence opens with a block id out of range; block ids are from 0 to {spec.BlockCount - 1}.";
        }
        if (open.Tokens.AsSpan().ContainsAnyExceptInRange(0, spec.VocabularySize - 1))
        {
            return $"The sequence opens with a token id out of range; token ids are from 0 to {spec.VocabularySize - 1}.";
        }
        IReadOnlyList<SamplingProblem> problems = open.Sampling.Validate(spec.VocabularySize);
        return problems.Count == 0 ? null : problems[0].Message;
    }
}
