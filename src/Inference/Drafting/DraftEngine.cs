using System.Runtime.InteropServices;
using Winnow.Inference.Acceptance;
using Winnow.Inference.Drafting.Stopping;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting;

/// <summary>
/// Proposes tokens with a whole draft model: guesses what the target will draw, with the target's noise and processors. Owns
/// the model, its KV blocks and what it remembers of sequences. Not thread-safe: one loop owns it.
/// </summary>
/// <remarks>
/// A proposal only changes speed: the target draws its own tokens. So every doubt is answered with fewer drafts: a query that
/// does not make sense, or for which there is no room, gets an empty proposal; one whose prefix is not held gets
/// <see cref="DraftProposal.NeedPrefix"/>. Prompts are computed when drafts are first wanted, a bounded number of tokens a round.
/// </remarks>
public sealed class DraftEngine : IDraftEngine
{
    private readonly IShard _shard;
    private readonly ShardSpec _spec;
    private readonly DraftEngineOptions _options;
    private readonly DraftStates _states;
    private readonly TokenSampler _sampler;
    private readonly BranchDrafter _branches;
    private readonly TreeDrafter _trees;
    private readonly StopHead? _stopHead;
    private readonly ForwardBatch _batch = new();
    private readonly List<DraftState> _running = [];
    private readonly List<DraftState> _outputs = [];
    private float[] _hidden = [];
    private float[] _outputHidden = [];
    private float[] _logits = [];
    private long _round;

    /// <summary>Takes over a draft model.</summary>
    /// <param name="shard">All layers of the model; disposed with the engine.</param>
    /// <param name="options">Limits.</param>
    /// <param name="noiseIds">
    /// By draft token, the id by which the target draws its noise; <see langword="null"/> when the target has the same tokens.
    /// </param>
    /// <param name="stopHead">Says when a chain has gone far enough; <see langword="null"/> leaves that to what became of earlier drafts.</param>
    /// <exception cref="ArgumentException">The shard is not a whole model.</exception>
    public DraftEngine(IShard shard, DraftEngineOptions? options = null, int[]? noiseIds = null, StopHead? stopHead = null)
    {
        _shard = shard;
        _stopHead = stopHead;
        _spec = shard.Spec;
        if (!_spec.HasEmbedding || !_spec.HasHead)
        {
            throw new ArgumentException($"The drafter got layers '{_spec.FirstLayer}' to '{_spec.LastLayer}' of "
                + $"{_spec.ModelLayers}; it needs the whole model.", nameof(shard));
        }
        _options = options ?? new DraftEngineOptions();
        _states = new DraftStates(_spec, _options);
        _sampler = new TokenSampler(_spec.VocabularySize) { NoiseIds = noiseIds };
        _branches = new BranchDrafter(shard, _states, _sampler, _options);
        _trees = new TreeDrafter(shard, _states, _sampler, _options);
    }

    /// <summary>The draft model's sizes.</summary>
    public ShardSpec Spec => _spec;

    /// <summary>The draft model.</summary>
    public IShard Shard => _shard;

    /// <summary>Sequences remembered.</summary>
    public int SequenceCount => _states.Count;

    /// <summary>KV blocks not in use.</summary>
    internal int FreeBlocks => _states.FreeBlocks;

    /// <inheritdoc/>
    public IReadOnlyList<DraftProposal> Propose(
        IReadOnlyList<DraftQuery> queries, IReadOnlyList<long> closes, CancellationToken cancellation)
    {
        _round++;
        foreach (long sequence in closes)
        {
            _states.Close(sequence);
        }
        DraftState?[] asked = new DraftState?[queries.Count];
        bool[] needPrefix = new bool[queries.Count];
        for (int i = 0; i < queries.Count; i++)
        {
            asked[i] = _states.Tell(queries[i], _round, out needPrefix[i]);
            if (asked[i] is { } told)
            {
                _branches.Settle(told);
            }
        }
        for (int i = 0; i < queries.Count; i++)
        {
            Admit(asked[i], queries[i]);
        }
        int catchUp = _options.MaxCatchUpTokens;
        while (RunPass(asked, ref catchUp, cancellation))
        {
        }
        _trees.Grow(asked, cancellation);
        DraftProposal[] proposals = new DraftProposal[queries.Count];
        for (int i = 0; i < queries.Count; i++)
        {
            proposals[i] = asked[i]?.Proposal() ?? new DraftProposal { Sequence = queries[i].Sequence, NeedPrefix = needPrefix[i] };
            BeginAhead(asked[i], queries[i], proposals[i]);
        }
        return proposals;
    }

    /// <inheritdoc/>
    public bool HasAhead => _branches.HasWork;

    /// <inheritdoc/>
    public bool Advance(List<DraftBranch> finished, CancellationToken cancellation) => _branches.Advance(finished, cancellation);

    /// <inheritdoc/>
    public void Mirror(DraftMirror mirror)
    {
        ArgumentNullException.ThrowIfNull(mirror);
        if (_states.Find(mirror.Sequence)?.Trunk is { IsCurrent: true } trunk && trunk.Told == mirror.Length && trunk.State.Chain.HashAt(trunk.Told) == mirror.PrefixHash)
        {
            _branches.Mirror(trunk, mirror);
        }
    }

    /// <inheritdoc/>
    public void FlushAhead(long sequence, List<DraftBranch> finished) => _branches.Flush(sequence, finished);

    /// <inheritdoc/>
    public void ClearAhead() => _branches.Clear();

    /// <inheritdoc/>
    public void Dispose() => _shard.Dispose();

    private void BeginAhead(DraftState? state, DraftQuery query, DraftProposal proposal)
    {
        if (state is null || query.AheadTokens < 1)
        {
            return;
        }
        state.History?.SyncTo(state.Chain.Tokens[..state.Told]);
        if (query.DraftTokens == 0)
        {
            ReadOnlySpan<int> verifying = query.Verifying;
            if (verifying.Length > Math.Min(_options.MaxDraftTokens, _spec.ContextTokens - state.Told)
                || verifying.ContainsAnyExceptInRange(0, _spec.VocabularySize - 1))
            {
                return;
            }
            state.Chain.Append(verifying);
        }
        else if (state.GrowsTree)
        {
            AppendMainChain(state, proposal);
        }
        _branches.Begin(state, query.AheadTokens);
    }

    // Of a tree, only what becomes of its main chain is prepared for.
    private static void AppendMainChain(DraftState state, DraftProposal proposal)
    {
        int tip = DraftTree.Root;
        for (int node = 0; node < proposal.Tokens.Length; node++)
        {
            if ((proposal.Parents.Length == 0 ? node - 1 : proposal.Parents[node]) == tip)
            {
                state.Chain.Append(proposal.Tokens[node]);
                tip = node;
            }
        }
    }

    /// <summary>Decides how many drafts a sequence gets: within the limits, and none without blocks for them.</summary>
    private void Admit(DraftState? state, DraftQuery query)
    {
        if (state is null)
        {
            return;
        }
        int longest = query.TreeDepth > 0 ? Math.Min(query.TreeDepth, query.DraftTokens) : query.DraftTokens;
        int wanted = Math.Min(Math.Min(longest, _options.MaxDraftTokens), _spec.ContextTokens - state.Told);
        // The last draft token is not run, so it needs no position.
        if (wanted > 0 && _states.Missing(state, state.Told + wanted - 1) > _states.FreeBlocks)
        {
            _branches.Clear();
        }
        bool hasRoom = wanted > 0 && _states.EnsureBlocks(state, state.Told + wanted - 1);
        _trees.Settle(state, hasRoom);
        if (hasRoom)
        {
            _trees.Begin(state, query);
            state.Wanted = state.GrowsTree ? 1 : wanted;
            state.History?.SyncTo(state.Chain.Tokens);
        }
    }

    /// <summary>One forward pass: the next chunk of every sequence that lags, the next draft row of every other.</summary>
    /// <returns>Whether there was anything to run.</returns>
    private bool RunPass(DraftState?[] asked, ref int catchUp, CancellationToken cancellation)
    {
        _batch.Clear();
        _running.Clear();
        foreach (DraftState? state in asked)
        {
            int room = _options.MaxPassRows - _batch.RowCount;
            if (state is null || state.Drafted >= state.Wanted || room == 0)
            {
                continue;
            }
            int pending = state.Chain.Length - state.Stored;
            // What a verified round leaves to catch up is short and must not wait behind another sequence's prompt.
            bool isPrompt = pending > _options.MaxDraftTokens + 1;
            int rows = Math.Min(room, isPrompt ? Math.Min(pending, catchUp) : pending);
            if (rows == 0)
            {
                state.Wanted = 0;
                continue;
            }
            catchUp -= isPrompt ? rows : 0;
            AddRows(state, rows, isLast: rows == pending);
        }
        if (_running.Count == 0)
        {
            return false;
        }
        EnsureSize(ref _hidden, _batch.RowCount * _spec.ModelSize);
        _shard.Forward(_batch, [], _hidden.AsSpan(0, _batch.RowCount * _spec.ModelSize), cancellation);
        Draw();
        return true;
    }

    private void AddRows(DraftState state, int rows, bool isLast)
    {
        ForwardSequence sequence = _batch.Add(rows);
        sequence.BaseLength = state.Stored;
        sequence.FirstOutputRow = isLast ? rows - 1 : rows;
        sequence.SetBlocks(CollectionsMarshal.AsSpan(state.Blocks));
        state.Chain.Tokens.Slice(state.Stored, rows).CopyTo(sequence.Tokens);
        for (int row = 0; row < rows; row++)
        {
            int position = state.Stored + row;
            sequence.Parents[row] = row - 1;
            sequence.Depths[row] = row;
            sequence.KvSlots[row] = (state.Blocks[position / _spec.BlockTokens] * _spec.BlockTokens) + (position % _spec.BlockTokens);
        }
        _running.Add(state);
    }

    /// <summary>Takes the pass's rows as stored and draws the next token of every sequence that is caught up.</summary>
    private void Draw()
    {
        _outputs.Clear();
        EnsureSize(ref _outputHidden, _running.Count * _spec.ModelSize);
        for (int i = 0; i < _running.Count; i++)
        {
            ForwardSequence sequence = _batch[i];
            _running[i].Stored += sequence.RowCount;
            if (sequence.FirstOutputRow < sequence.RowCount)
            {
                _hidden.AsSpan((sequence.FirstRow + sequence.FirstOutputRow) * _spec.ModelSize, _spec.ModelSize)
                    .CopyTo(_outputHidden.AsSpan(_outputs.Count * _spec.ModelSize));
                _outputs.Add(_running[i]);
            }
        }
        if (_outputs.Count == 0)
        {
            return;
        }
        EnsureSize(ref _logits, _outputs.Count * _spec.VocabularySize);
        _shard.ComputeLogits(_outputHidden.AsSpan(0, _outputs.Count * _spec.ModelSize), _outputs.Count,
            _logits.AsSpan(0, _outputs.Count * _spec.VocabularySize));
        for (int i = 0; i < _outputs.Count; i++)
        {
            DrawOne(_outputs[i], _logits.AsSpan(i * _spec.VocabularySize, _spec.VocabularySize), _outputHidden.AsSpan(i * _spec.ModelSize, _spec.ModelSize));
        }
    }

    private void DrawOne(DraftState state, ReadOnlySpan<float> logits, ReadOnlySpan<float> hidden)
    {
        if (state.GrowsTree)
        {
            _trees.SetRoot(state, logits);
            state.Wanted = 0;
            return;
        }
        try
        {
            ReadOnlySpan<int> path = state.Chain.Tokens[state.Told..];
            int index = state.Chain.Length - state.PromptTokens;
            if (AcceptanceRules.NeedsLaw(state.Plan.Rule))
            {
                int[] ids = _sampler.Likeliest(logits, state.Plan, state.History, path, out float[] probabilities);
                DraftLaw law = LawDraw.Draw(ids, probabilities, state.Plan.Parameters, index, depth: state.Drafted, drafts: 1);
                float drawn = probabilities[Array.BinarySearch(ids, law.Draws[0])];
                state.Draft(law.Draws[0], drawn, law);
                Judge(state, _states.ConfidencesOf(state.Plan).ChanceOf(drawn), DraftStop.Table);
                return;
            }
            // A greedy chain is ended at least as well by the table (docs/speculation.md).
            if (_stopHead is not null && !state.Plan.IsGreedy)
            {
                state.Draft(_sampler.Sample(logits, state.Plan, state.History, path, index, out float probability, out float lead), probability, null);
                Judge(state, _stopHead.Chance(hidden, probability, lead), DraftStop.StopHead);
                return;
            }
            state.Draft(_sampler.Sample(logits, state.Plan, state.History, path, index, out float confidence), confidence, null);
            Judge(state, _states.ConfidencesOf(state.Plan).ChanceOf(confidence), DraftStop.Table);
        }
        catch (SamplingException)
        {
            // The draft model has no token to offer here; the target decides alone.
            state.Wanted = 0;
        }
    }

    /// <summary>A draft may be enough: what follows is not likely to be reached.</summary>
    private static void Judge(DraftState state, double chance, DraftStop judge)
    {
        state.Reach *= chance;
        if (state.Reach < state.LeastChance && state.Drafted < state.Wanted)
        {
            state.Wanted = state.Drafted;
            state.Stop = judge;
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
