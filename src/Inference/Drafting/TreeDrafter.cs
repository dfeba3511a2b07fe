using System.Runtime.InteropServices;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting;

/// <summary>
/// Grows the draft trees of a <see cref="DraftEngine"/>, all of a round together, a level a pass. Keys and values of nodes lie in blocks lent for the purpose until
/// the sequence is asked again; those of tokens that the target kept are then moved into its pages.
/// </summary>
internal sealed class TreeDrafter(IShard shard, DraftStates states, TokenSampler sampler, DraftEngineOptions options)
{
    private readonly ForwardBatch _batch = new();
    private readonly List<DraftState> _running = [];
    private readonly RankedToken[] _ranked = new RankedToken[DraftEngineOptions.MostTreeWidth];
    private readonly int[] _path = new int[options.MaxDraftTokens];
    private float[] _hidden = [];
    private float[] _logits = [];

    private ShardSpec Spec => shard.Spec;

    /// <summary>Begins a sequence's tree, if one is wanted and there is room for it; its root is the next token drawn.</summary>
    /// <param name="state">The sequence, with blocks for what it was told.</param>
    /// <param name="query">What is wanted.</param>
    public void Begin(DraftState state, DraftQuery query)
    {
        int nodes = Math.Min(query.DraftTokens, options.MaxTreeNodes);
        int depth = Math.Min(Math.Min(query.TreeDepth > 0 ? query.TreeDepth : nodes, nodes), Math.Min(options.MaxDraftTokens, Spec.ContextTokens - state.Told));
        int width = Math.Min(Math.Min(query.TreeWidth, nodes), Math.Min(DraftEngineOptions.MostTreeWidth, options.MaxPassRows));
        if (AcceptanceRules.NeedsLaw(state.Plan.Rule))
        {
            // As many drafts of equal length as the width says, whatever is drawn: a shape that followed the draws would bend the target's distribution.
            width = state.Plan.Rule == AcceptanceRule.Rejection ? 1 : width;
            depth = Math.Min(depth, nodes / Math.Max(1, width));
            nodes = width * depth;
        }
        var room = new DraftRoom(nodes, depth, width, Spec.VocabularySize);
        if (width < 2 || depth < 1 || !states.TryLend(state, TreeSearch.RowsFor(room)))
        {
            return;
        }
        state.Tree ??= new TreeSearch();
        state.Tree.Begin(room, state.Told);
        state.GrowsTree = true;
    }

    /// <summary>Moves what the target kept of a sequence's last tree into its pages, and takes the lent blocks back.</summary>
    /// <param name="state">The sequence as told anew.</param>
    /// <param name="mayKeep">It has blocks for what it was told.</param>
    public void Settle(DraftState state, bool mayKeep)
    {
        state.GrowsTree = false;
        if (state.LentBlocks.Count == 0)
        {
            return;
        }
        TreeSearch tree = state.Tree!;
        int node = mayKeep && state.Stored == tree.BaseLength ? DraftTree.Root : -2;
        // The last token runs again: its output is needed.
        while (node > -2 && state.Stored < state.Told - 1)
        {
            node = tree.StoredChild(node, state.Chain.Tokens[state.Stored]);
            node = node < 0 ? -2 : node;
            if (node >= 0)
            {
                shard.CopyRow(tree[node].KvSlot, PageRow(state, state.Stored));
                state.Stored++;
            }
        }
        states.TakeBack(state);
    }

    /// <summary>The draft model's logits after the last known token of a sequence whose tree has begun.</summary>
    public void SetRoot(DraftState state, ReadOnlySpan<float> logits) => Expand(state, DraftTree.Root, logits);

    /// <summary>Grows the trees of a round to their ends.</summary>
    public void Grow(ReadOnlySpan<DraftState?> asked, CancellationToken cancellation)
    {
        foreach (DraftState? state in asked)
        {
            if (state is { GrowsTree: true })
            {
                state.Tree!.NextLevel();
            }
        }
        while (RunLevel(asked, cancellation))
        {
        }
    }

    private bool RunLevel(ReadOnlySpan<DraftState?> asked, CancellationToken cancellation)
    {
        _batch.Clear();
        _running.Clear();
        foreach (DraftState? state in asked)
        {
            if (state is { GrowsTree: true } && state.Tree!.Frontier.Count > 0 && state.Tree.Frontier.Count <= options.MaxPassRows - _batch.RowCount)
            {
                AddRows(state, state.Tree);
            }
        }
        if (_running.Count == 0)
        {
            return false;
        }
        int rows = _batch.RowCount;
        EnsureSize(ref _hidden, rows * Spec.ModelSize);
        EnsureSize(ref _logits, rows * Spec.VocabularySize);
        Forward(rows, cancellation);
        shard.ComputeLogits(_hidden.AsSpan(0, rows * Spec.ModelSize), rows, _logits.AsSpan(0, rows * Spec.VocabularySize));
        for (int i = 0; i < _running.Count; i++)
        {
            Expand(_running[i], _batch[i].FirstRow);
        }
        return true;
    }

    private void Forward(int rows, CancellationToken cancellation)
    {
        bool done = false;
        try
        {
            shard.Forward(_batch, [], _hidden.AsSpan(0, rows * Spec.ModelSize), cancellation);
            done = true;
        }
        finally
        {
            if (!done)
            {
                // What their nodes' rows hold is not known: nothing of these trees is kept.
                _running.ForEach(state => state.Tree!.Begin(default, -1));
            }
        }
    }

    private void AddRows(DraftState state, TreeSearch tree)
    {
        ForwardSequence sequence = _batch.Add(tree.Frontier.Count);
        sequence.BaseLength = tree.BaseLength;
        sequence.FirstOutputRow = 0;
        sequence.SetBlocks(CollectionsMarshal.AsSpan(state.Blocks));
        foreach (int index in tree.Computed)
        {
            TreeSearch.Node node = tree[index];
            sequence.AddEarlier(node.KvSlot, node.Parent < 0 ? -1 : tree[node.Parent].Order);
        }
        for (int row = 0; row < tree.Frontier.Count; row++)
        {
            int index = tree.Frontier[row];
            TreeSearch.Node node = tree[index];
            int stored = tree.Computed.Count;
            int kvSlot = (state.LentBlocks[stored / Spec.BlockTokens] * Spec.BlockTokens) + (stored % Spec.BlockTokens);
            sequence.Tokens[row] = node.Token;
            sequence.Parents[row] = node.Parent < 0 ? -1 : EarlierNode.AsParent(tree[node.Parent].Order);
            sequence.Depths[row] = node.Depth;
            sequence.KvSlots[row] = kvSlot;
            tree.Store(index, kvSlot);
        }
        _running.Add(state);
    }

    private void Expand(DraftState state, int firstRow)
    {
        TreeSearch tree = state.Tree!;
        for (int i = 0; i < tree.Frontier.Count; i++)
        {
            Expand(state, tree.Frontier[i], _logits.AsSpan((firstRow + i) * Spec.VocabularySize, Spec.VocabularySize));
        }
        tree.NextLevel();
    }

    private void Expand(DraftState state, int parent, ReadOnlySpan<float> logits)
    {
        TreeSearch tree = state.Tree!;
        ReadOnlySpan<int> path = parent < 0 ? [] : tree.PathTo(parent, _path);
        Span<RankedToken> ranked = _ranked.AsSpan(0, tree.Room.Width);
        int index = tree.BaseLength + path.Length - state.PromptTokens;
        try
        {
            if (AcceptanceRules.NeedsLaw(state.Plan.Rule))
            {
                int[] ids = sampler.Likeliest(logits, state.Plan, state.History, path, out float[] probabilities);
                if (state.Plan.Rule == AcceptanceRule.Rsd)
                {
                    tree.Perturb(parent, ids, probabilities, LawDraw.Noise(state.Plan.Parameters, index, path.Length, parent < 0 ? 0 : tree.Frontier.IndexOf(parent)));
                    return;
                }
                int drafts = parent < 0 ? tree.Room.Width : tree.DrawsOf(parent);
                tree.AddDrawn(parent, LawDraw.Draw(ids, probabilities, state.Plan.Parameters, index, path.Length, drafts));
                return;
            }
            int count = sampler.Rank(logits, state.Plan, state.History, path, index, ranked);
            tree.AddChildren(parent, ranked[..count], state.Plan.Parameters.Temperature);
        }
        catch (SamplingException)
        {
            // The draft model has no token to offer here; the branch ends.
        }
    }

    private int PageRow(DraftState state, int position) =>
        (state.Blocks[position / Spec.BlockTokens] * Spec.BlockTokens) + (position % Spec.BlockTokens);

    private static void EnsureSize(ref float[] buffer, int size)
    {
        if (buffer.Length < size)
        {
            buffer = new float[Math.Max(size, 2 * buffer.Length)];
        }
    }
}
