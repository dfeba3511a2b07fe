using System.Runtime.InteropServices;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting;

/// <summary>
/// Drafts ahead: while the target verifies a draft, it continues the likeliest outcomes of that, all sequences' branches a token further with every pass. Works in
/// passes that whoever owns it runs when nothing else waits. Shares model, KV blocks and sequences with a <see cref="DraftEngine"/>.
/// </summary>
/// <remarks>
/// First one pass over a sequence's drafts ranks, at each place where they may end, the tokens that the target may draw there, by the shared noise
/// (<see cref="TokenSampler.Rank"/>). Then each likely outcome becomes a fork with KV blocks of its own behind those of the sequence; a block that it shares in part is copied.
/// It takes only blocks that nobody needs.
/// </remarks>
internal sealed class BranchDrafter(IShard shard, DraftStates states, TokenSampler sampler, DraftEngineOptions options)
{
    private readonly ShardSpec _spec = shard.Spec;
    private readonly ForwardBatch _batch = new();
    private readonly List<DraftTrunk> _trunks = [];
    private readonly List<DraftFork> _forks = [];
    private readonly OutcomeOdds _greedy = new();
    private readonly OutcomeOdds _sampled = new();
    private readonly OutcomeOdds _greedyMirror = new();
    private readonly OutcomeOdds _sampledMirror = new();
    private readonly ForkRanking.Outcome[] _outcomes = new ForkRanking.Outcome[options.MaxBranches];
    private float[] _hidden = [];
    private float[] _outputs = [];
    private float[] _logits = [];

    /// <summary>There is something to draft.</summary>
    public bool HasWork => _trunks.Count + _forks.Count > 0;

    /// <summary>A sequence has gone on: learns from what became of its drafts, and forgets its branches.</summary>
    public void Settle(DraftState state)
    {
        if (state.Trunk is { } trunk)
        {
            Observe(trunk);
            state.Trunk = null;
            Sweep();
        }
    }

    /// <summary>Begins to draft for the outcomes of a sequence's drafts, which its chain holds.</summary>
    public void Begin(DraftState state, int tokens)
    {
        state.Trunk = new DraftTrunk(state, Math.Min(tokens, options.MaxDraftTokens));
        // The last committed token runs again: its candidates are needed.
        state.Stored = Math.Min(state.Stored, state.Told - 1);
        _trunks.Add(state.Trunk);
    }

    /// <summary>An early exit tells what it expects of a verification: outcomes that have no branch yet may get one.</summary>
    public void Mirror(DraftTrunk trunk, DraftMirror mirror)
    {
        trunk.Take(mirror, _spec.VocabularySize);
        if (!_trunks.Contains(trunk))
        {
            AddForks(trunk);
        }
    }

    /// <summary>Runs one pass.</summary>
    /// <param name="finished">Branches that got all their tokens are added here.</param>
    /// <param name="cancellation">Ends the pass between layers; nothing is lost but the pass.</param>
    /// <returns>Whether there is more to do.</returns>
    public bool Advance(List<DraftBranch> finished, CancellationToken cancellation)
    {
        Sweep();
        if (_trunks.Count > 0)
        {
            RunTrunks(cancellation);
        }
        else if (_forks.Count > 0)
        {
            RunForks(finished, cancellation);
        }
        return HasWork;
    }

    /// <summary>Takes the branches of a sequence as far as they are; no more is drafted for it.</summary>
    public void Flush(long sequence, List<DraftBranch> finished)
    {
        foreach (DraftFork fork in _forks)
        {
            if (fork.Trunk.State.Sequence == sequence && fork.Trunk.IsCurrent && fork.Drafted > 0)
            {
                finished.Add(fork.ToBranch());
            }
        }
        Remove(trunk => trunk.State.Sequence == sequence);
    }

    /// <summary>Gives every branch's blocks back.</summary>
    public void Clear() => Remove(_ => true);

    private void Sweep() => Remove(trunk => !trunk.IsCurrent);

    private void Remove(Predicate<DraftTrunk> which)
    {
        _trunks.RemoveAll(which);
        for (int i = _forks.Count - 1; i >= 0; i--)
        {
            if (which(_forks[i].Trunk))
            {
                Release(i);
            }
        }
    }

    private void Release(int index)
    {
        DraftFork fork = _forks[index];
        fork.Blocks.RemoveRange(0, fork.SharedBlocks);
        states.Return(fork.Blocks);
        _forks.RemoveAt(index);
    }

    private OutcomeOdds OddsFor(DraftState state) => state.Plan.IsGreedy ? _greedy : _sampled;

    private OutcomeOdds MirrorOddsFor(DraftState state) => state.Plan.IsGreedy ? _greedyMirror : _sampledMirror;

    private void Observe(DraftTrunk trunk)
    {
        DraftState state = trunk.State;
        Span<RankedToken> mirror = stackalloc RankedToken[DraftMirror.MostCandidates];
        for (int accepted = 0; accepted <= trunk.Drafts && trunk.Told + accepted < state.Told; accepted++)
        {
            int drawn = state.Chain.Tokens[trunk.Told + accepted];
            OddsFor(state).Observe(trunk.At(accepted), drawn);
            MirrorOddsFor(state).Observe(mirror[..trunk.MirrorAt(accepted, mirror)], drawn);
            if (accepted < trunk.Drafts && drawn != trunk.DraftAt(accepted))
            {
                return;
            }
        }
    }

    // ---- Trunks ----

    private void RunTrunks(CancellationToken cancellation)
    {
        _batch.Clear();
        int taken = 0;
        while (taken < _trunks.Count && _batch.RowCount < options.MaxAheadRows)
        {
            DraftTrunk trunk = _trunks[taken];
            if (!states.TryTakeBlocks(trunk.State, trunk.Length))
            {
                _trunks.RemoveAt(taken);
                continue;
            }
            AddTrunk(trunk, Math.Min(trunk.Length - trunk.State.Stored, options.MaxAheadRows - _batch.RowCount));
            taken++;
        }
        if (taken == 0)
        {
            return;
        }
        Forward(cancellation);
        int output = 0;
        for (int i = 0; i < taken; i++)
        {
            output = RankRows(_trunks[i], _batch[i], output);
        }
        for (int i = taken - 1; i >= 0; i--)
        {
            if (_trunks[i].State.Stored == _trunks[i].Length)
            {
                AddForks(_trunks[i]);
                _trunks.RemoveAt(i);
            }
        }
    }

    private void AddTrunk(DraftTrunk trunk, int rows)
    {
        DraftState state = trunk.State;
        AddRows(state.Chain.Tokens.Slice(state.Stored, rows), state.Stored, state.Blocks, Math.Clamp(trunk.Told - 1 - state.Stored, 0, rows));
    }

    private int RankRows(DraftTrunk trunk, ForwardSequence rows, int output)
    {
        DraftState state = trunk.State;
        for (int row = rows.FirstOutputRow; row < rows.RowCount; row++, output++)
        {
            int accepted = state.Stored + row - (trunk.Told - 1);
            try
            {
                int count = sampler.Rank(_logits.AsSpan(output * _spec.VocabularySize, _spec.VocabularySize), state.Plan, state.History,
                    state.Chain.Tokens.Slice(trunk.Told, accepted), trunk.Told + accepted - state.PromptTokens, trunk.RoomAt(accepted));
                trunk.SetCount(accepted, count);
            }
            catch (SamplingException)
            {
                // No candidates here: no branches either.
                trunk.SetCount(accepted, 0);
            }
        }
        state.Stored += rows.RowCount;
        return output;
    }

    // ---- Forks ----

    private void AddForks(DraftTrunk trunk)
    {
        int count = ForkRanking.Rank(trunk, OddsFor(trunk.State), MirrorOddsFor(trunk.State), options.LeastBranchOdds, _outcomes);
        foreach (ForkRanking.Outcome outcome in _outcomes.AsSpan(0, count))
        {
            // The last token of a branch is not run, so it needs no position.
            int goal = Math.Min(trunk.AheadTokens, _spec.ContextTokens - (trunk.Told + outcome.Accepted + 1));
            if (goal < 1 || (trunk.TryFork(outcome.Accepted, outcome.Token) && !TryFork(trunk, outcome, goal)))
            {
                return;
            }
        }
    }

    private bool TryFork(DraftTrunk trunk, ForkRanking.Outcome outcome, int goal)
    {
        var fork = new DraftFork(trunk, outcome.Accepted, outcome.Token, goal, outcome.IsMirrored);
        int shared = fork.Stored / _spec.BlockTokens;
        int all = (fork.Stored + goal + _spec.BlockTokens - 1) / _spec.BlockTokens;
        fork.Blocks.AddRange(CollectionsMarshal.AsSpan(trunk.State.Blocks)[..shared]);
        fork.SharedBlocks = shared;
        if (!states.TryTake(all - shared, fork.Blocks))
        {
            return false;
        }
        if (fork.Stored % _spec.BlockTokens > 0)
        {
            shard.CopyBlock(trunk.State.Blocks[shared], fork.Blocks[shared]);
        }
        _forks.Add(fork);
        return true;
    }

    private void RunForks(List<DraftBranch> finished, CancellationToken cancellation)
    {
        int taken = Math.Min(_forks.Count, options.MaxPassRows);
        _batch.Clear();
        foreach (DraftFork fork in CollectionsMarshal.AsSpan(_forks)[..taken])
        {
            AddRows(fork.Path[^1..], fork.Stored, fork.Blocks, firstOutput: 0);
        }
        Forward(cancellation);
        for (int i = taken - 1; i >= 0; i--)
        {
            DraftFork fork = _forks[i];
            fork.Stored++;
            bool goesOn = TryDraw(fork, _logits.AsSpan(i * _spec.VocabularySize, _spec.VocabularySize));
            if (!goesOn || fork.IsFinished)
            {
                if (fork.Drafted > 0)
                {
                    finished.Add(fork.ToBranch());
                }
                Release(i);
            }
        }
    }

    private bool TryDraw(DraftFork fork, ReadOnlySpan<float> logits)
    {
        DraftState state = fork.Trunk.State;
        try
        {
            int index = fork.Trunk.Told + fork.PathLength - state.PromptTokens;
            fork.Draft(sampler.Sample(logits, state.Plan, state.History, fork.Path, index));
            return true;
        }
        catch (SamplingException)
        {
            // The draft model has no token to offer here.
            return false;
        }
    }

    // ---- Passes ----

    private void AddRows(ReadOnlySpan<int> tokens, int position, List<int> blocks, int firstOutput)
    {
        ForwardSequence sequence = _batch.Add(tokens.Length);
        sequence.BaseLength = position;
        sequence.FirstOutputRow = firstOutput;
        sequence.SetBlocks(CollectionsMarshal.AsSpan(blocks));
        tokens.CopyTo(sequence.Tokens);
        for (int row = 0; row < tokens.Length; row++, position++)
        {
            sequence.Parents[row] = row - 1;
            sequence.Depths[row] = row;
            sequence.KvSlots[row] = (blocks[position / _spec.BlockTokens] * _spec.BlockTokens) + (position % _spec.BlockTokens);
        }
    }

    /// <summary>Runs the batch; logits of its output rows, in order, are in <c>_logits</c>.</summary>
    private void Forward(CancellationToken cancellation)
    {
        int size = _spec.ModelSize;
        EnsureSize(ref _hidden, _batch.RowCount * size);
        EnsureSize(ref _outputs, _batch.RowCount * size);
        shard.Forward(_batch, [], _hidden.AsSpan(0, _batch.RowCount * size), cancellation);
        int outputs = 0;
        for (int i = 0; i < _batch.SequenceCount; i++)
        {
            ForwardSequence sequence = _batch[i];
            int count = sequence.RowCount - sequence.FirstOutputRow;
            _hidden.AsSpan((sequence.FirstRow + sequence.FirstOutputRow) * size, count * size).CopyTo(_outputs.AsSpan(outputs * size));
            outputs += count;
        }
        if (outputs > 0)
        {
            EnsureSize(ref _logits, outputs * _spec.VocabularySize);
            shard.ComputeLogits(_outputs.AsSpan(0, outputs * size), outputs, _logits.AsSpan(0, outputs * _spec.VocabularySize));
        }
    }

    private static void EnsureSize(ref float[] buffer, int size)
    {
        if (buffer.Length < size)
        {
            buffer = new float[Math.Max(size, 2 * buffer.Length)];
        }
    }
}
