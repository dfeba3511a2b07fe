using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting;

/// <summary>The sequences that a drafter remembers, their KV blocks, and which of them go when room is short.</summary>
internal sealed class DraftStates(ShardSpec spec, DraftEngineOptions options)
{
    private readonly Dictionary<long, DraftState> _states = [];
    private readonly BlockPool _pool = new(spec.BlockCount);
    private readonly ConfidenceTable _greedy = new();
    private readonly ConfidenceTable _sampled = new();

    /// <summary>Sequences remembered.</summary>
    public int Count => _states.Count;

    /// <summary>Blocks not taken.</summary>
    public int FreeBlocks => _pool.Free;

    /// <summary>What is known of the model's confidence when the target samples like this.</summary>
    public ConfidenceTable ConfidencesOf(SamplingPlan plan) => plan.IsGreedy ? _greedy : _sampled;

    /// <summary>A sequence that is remembered, or <see langword="null"/>.</summary>
    public DraftState? Find(long sequence) => _states.GetValueOrDefault(sequence);

    /// <summary>Forgets a sequence, if it is known.</summary>
    public void Close(long sequence)
    {
        if (_states.Remove(sequence, out DraftState? state))
        {
            state.IsClosed = true;
            _pool.Return(state.Blocks);
            _pool.Return(state.LentBlocks);
        }
    }

    /// <summary>Takes in a query.</summary>
    /// <param name="query">The query.</param>
    /// <param name="round">This round's number; a sequence asked for twice in a round is refused.</param>
    /// <param name="needPrefix">The drafter must be told everything.</param>
    /// <returns>The sequence, or <see langword="null"/> when there is nothing to draft from.</returns>
    public DraftState? Tell(DraftQuery query, long round, out bool needPrefix)
    {
        needPrefix = false;
        DraftState? state = _states.GetValueOrDefault(query.Sequence);
        if (!IsSound(query) || state?.LastRound == round)
        {
            return null;
        }
        SamplingPlan? plan = query.Sampling is null ? state?.Plan : SamplingPlan.Create(query.Sampling, spec.VocabularySize);
        bool holds = state is not null && query.KnownLength <= state.Chain.Length
            && state.Chain.HashAt(query.KnownLength) == query.PrefixHash;
        if (plan is null || (!holds && (query.KnownLength > 0 || query.PrefixHash != Cache.PrefixHash.Empty)))
        {
            needPrefix = true;
            return null;
        }
        if (state is null && _states.Count >= options.MaxSequences && !Evict(round))
        {
            return null;
        }
        state ??= Add(query.Sequence, plan);
        if (state.Plan != plan || state.PromptTokens != query.PromptTokens)
        {
            state.Plan = plan;
            state.PromptTokens = query.PromptTokens;
            state.History = plan.UsesHistory ? new TokenHistory(query.PromptTokens) : null;
        }
        state.LastRound = round;
        state.Learn(query.KnownLength, query.NewTokens, ConfidencesOf(plan));
        state.Tell(query.KnownLength, query.NewTokens);
        state.LeastChance = query.LeastChance;
        return state;
    }

    /// <summary>
    /// Gives a sequence blocks for <paramref name="tokens"/> positions, if need be those of sequences that the running round
    /// has not asked for, the least recently asked first.
    /// </summary>
    /// <returns>Whether there were enough.</returns>
    public bool EnsureBlocks(DraftState state, int tokens)
    {
        while (Missing(state, tokens) > _pool.Free && Evict(state.LastRound))
        {
        }
        return TryTakeBlocks(state, tokens);
    }

    /// <summary>The same, of free blocks only.</summary>
    public bool TryTakeBlocks(DraftState state, int tokens) => TryTake(Missing(state, tokens), state.Blocks);

    /// <summary>Blocks that a sequence lacks for so many positions; not positive when it lacks none.</summary>
    public int Missing(DraftState state, int tokens) => ((tokens + spec.BlockTokens - 1) / spec.BlockTokens) - state.Blocks.Count;

    /// <summary>Takes so many free blocks, or none at all.</summary>
    public bool TryTake(int count, List<int> blocks)
    {
        if (count > _pool.Free)
        {
            return false;
        }
        for (; count > 0; count--)
        {
            blocks.Add(_pool.Take());
        }
        return true;
    }

    /// <summary>Lends a sequence blocks for so many rows of a tree; none is taken from other sequences for it.</summary>
    /// <returns>Whether there were enough.</returns>
    public bool TryLend(DraftState state, int rows) => TryTake((rows + spec.BlockTokens - 1) / spec.BlockTokens, state.LentBlocks);

    /// <summary>Takes the lent blocks back.</summary>
    public void TakeBack(DraftState state) => _pool.Return(state.LentBlocks);

    /// <summary>Gives blocks back that <see cref="TryTake"/> took.</summary>
    public void Return(List<int> blocks) => _pool.Return(blocks);

    private DraftState Add(long sequence, SamplingPlan plan)
    {
        // The history is made with the prompt's length, which the query tells next.
        DraftState state = new() { Sequence = sequence, Plan = plan, PromptTokens = -1 };
        _states.Add(sequence, state);
        return state;
    }

    /// <summary>Forgets the least recently asked sequence of the rounds before <paramref name="round"/>.</summary>
    private bool Evict(long round)
    {
        DraftState? oldest = null;
        foreach (DraftState state in _states.Values)
        {
            if (state.LastRound < round && (oldest is null || state.LastRound < oldest.LastRound))
            {
                oldest = state;
            }
        }
        if (oldest is not null)
        {
            Close(oldest.Sequence);
        }
        return oldest is not null;
    }

    private bool IsSound(DraftQuery query) =>
        query.KnownLength >= 0
        && query.KnownLength <= spec.ContextTokens
        && query.NewTokens.Length <= spec.ContextTokens - query.KnownLength
        && query.KnownLength + query.NewTokens.Length > 0
        && query.PromptTokens >= 1
        && query.PromptTokens <= query.KnownLength + query.NewTokens.Length
        && !query.NewTokens.AsSpan().ContainsAnyExceptInRange(0, spec.VocabularySize - 1)
        && (query.Sampling is null || query.Sampling.Validate(spec.VocabularySize).Count == 0);
}
