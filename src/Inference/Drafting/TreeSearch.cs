using Winnow.Inference.Acceptance;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting;

/// <summary>
/// The tree that a draft model grows for one sequence, level by level, and the best part of it: a node's score is the product of the chances on its path, and the
/// best of a level are grown further (EAGLE-2's dynamic tree, arXiv 2406.16858). Buffers are reused.
/// </summary>
internal sealed class TreeSearch
{
    private readonly List<Node> _nodes = [];
    private readonly List<int> _frontier = [];
    private readonly List<int> _computed = [];
    private readonly List<int> _order = [];
    private readonly BestFirst _bestFirst;
    private readonly StochasticBeam _beam = new();
    private int _levelStart;

    public TreeSearch() => _bestFirst = new BestFirst(_nodes);

    /// <summary>What is wanted.</summary>
    public DraftRoom Room { get; private set; }

    /// <summary>Tokens before the root's children.</summary>
    public int BaseLength { get; private set; }

    /// <summary>The root's children are known.</summary>
    public bool HasRoot => _nodes.Count > 0;

    /// <summary>Nodes to compute next.</summary>
    public List<int> Frontier => _frontier;

    /// <summary>Nodes whose keys and values are stored, in the order they were.</summary>
    public List<int> Computed => _computed;

    /// <summary>Most rows that are ever computed: the last level's are not.</summary>
    public static int RowsFor(DraftRoom room) => room.Width * Math.Max(0, room.Depth - 1);

    /// <summary>The node at an index.</summary>
    public Node this[int index] => _nodes[index];

    /// <summary>Begins a tree.</summary>
    /// <param name="room">What is wanted.</param>
    /// <param name="baseLength">Tokens before the root's children.</param>
    public void Begin(DraftRoom room, int baseLength)
    {
        Room = room;
        BaseLength = baseLength;
        _nodes.Clear();
        _frontier.Clear();
        _computed.Clear();
        _beam.Clear();
        _levelStart = 0;
    }

    /// <summary>Adds the children of a node.</summary>
    /// <param name="parent">Index of the node, or <see cref="DraftTree.Root"/>.</param>
    /// <param name="ranked">The children, the likeliest first.</param>
    /// <param name="temperature">Of the target; 0 when greedy.</param>
    /// <remarks>
    /// The target draws the largest sum of logit and temperature times noise. Its noise is the draft's, and its logits scatter around the draft's: so a child's
    /// chance is the softmax of these sums; when greedy, of the logits, as in EAGLE-2.
    /// </remarks>
    public void AddChildren(int parent, ReadOnlySpan<RankedToken> ranked, double temperature)
    {
        double scale = temperature > 0 ? temperature : 1;
        double total = 0;
        foreach (RankedToken child in ranked)
        {
            total += Math.Exp((child.Score - ranked[0].Score) * scale);
        }
        (int depth, double above) = parent < 0 ? (0, 0.0) : (_nodes[parent].Depth + 1, _nodes[parent].Score);
        foreach (RankedToken child in ranked)
        {
            double chance = Math.Exp((child.Score - ranked[0].Score) * scale) / total;
            _nodes.Add(new Node(child.Token, parent, depth, (float)chance, above + Math.Log(chance), -1, -1, null));
        }
    }

    /// <summary>Adds the only child of a node.</summary>
    /// <param name="parent">Index of the node, or <see cref="DraftTree.Root"/>.</param>
    /// <param name="token">Its token.</param>
    /// <param name="chance">To be right when its parent is.</param>
    public void AddChild(int parent, int token, float chance)
    {
        (int depth, double above) = parent < 0 ? (0, 0.0) : (_nodes[parent].Depth + 1, _nodes[parent].Score);
        _nodes.Add(new Node(token, parent, depth, chance, above + Math.Log(chance), -1, -1, null));
    }

    /// <summary>Adds the children that were drawn for a node, for acceptance rules that judge by the distribution. They stay in the order they were added.</summary>
    /// <param name="parent">Index of the node, or <see cref="DraftTree.Root"/>.</param>
    /// <param name="law">What they were drawn from, and the draws.</param>
    public void AddDrawn(int parent, DraftLaw law)
    {
        int first = _nodes.Count;
        foreach (int token in law.Draws)
        {
            if (_nodes.FindIndex(first, node => node.Token == token) < 0)
            {
                AddDrawn(parent, token, law.Probabilities[Array.BinarySearch(law.Ids, token)], law);
            }
        }
    }

    /// <summary>Adds one child that was drawn.</summary>
    /// <param name="parent">Index of the node, or <see cref="DraftTree.Root"/>.</param>
    /// <param name="token">Its token.</param>
    /// <param name="chance">Its probability.</param>
    /// <param name="law">What it was drawn from, and the draws.</param>
    public void AddDrawn(int parent, int token, float chance, DraftLaw law) =>
        _nodes.Add(new Node(token, parent, parent < 0 ? 0 : _nodes[parent].Depth + 1, chance, -_nodes.Count, -1, -1, law));

    /// <summary>The children of a node that may be drawn; which are is decided when the level is complete (<see cref="StochasticBeam"/>).</summary>
    /// <param name="parent">Index of the node, or <see cref="DraftTree.Root"/>.</param>
    /// <param name="ids">Tokens to draw from, ascending.</param>
    /// <param name="probabilities">Their probabilities.</param>
    /// <param name="noise">Noise that no other node has.</param>
    public void Perturb(int parent, int[] ids, float[] probabilities, in GumbelNoise noise) => _beam.Perturb(parent, ids, probabilities, noise);

    /// <summary>How often a node was drawn by its parent's draws; independent drafts that go through it.</summary>
    public int DrawsOf(int node) => _nodes[node].Law!.Draws.AsSpan().Count(_nodes[node].Token);

    /// <summary>A level is complete: chooses what to compute of it.</summary>
    /// <returns>Whether anything is worth it: children of these nodes may be among the best.</returns>
    public bool NextLevel()
    {
        _frontier.Clear();
        if (_beam.HasChildren)
        {
            _beam.Grow(Room.Width, this);
        }
        if (_levelStart == _nodes.Count || _nodes[_levelStart].Depth + 1 >= Room.Depth)
        {
            return false;
        }
        double bar = double.NegativeInfinity;
        if (_nodes.Count >= Room.Nodes)
        {
            Rank(0);
            bar = _nodes[_order[Room.Nodes - 1]].Score;
        }
        Rank(_levelStart);
        for (int i = 0; i < Math.Min(_order.Count, Math.Min(Room.Width, Room.Nodes)) && _nodes[_order[i]].Score > bar; i++)
        {
            _frontier.Add(_order[i]);
        }
        _levelStart = _nodes.Count;
        return _frontier.Count > 0;
    }

    /// <summary>A node of the frontier is computed.</summary>
    /// <param name="index">The node.</param>
    /// <param name="kvSlot">Where its key and value are stored.</param>
    public void Store(int index, int kvSlot)
    {
        _nodes[index] = _nodes[index] with { KvSlot = kvSlot, Order = _computed.Count };
        _computed.Add(index);
    }

    /// <summary>The tokens from the root to a node.</summary>
    /// <returns>The part of <paramref name="buffer"/> that was written.</returns>
    public ReadOnlySpan<int> PathTo(int node, Span<int> buffer)
    {
        int length = _nodes[node].Depth + 1;
        for (int i = node; i >= 0; i = _nodes[i].Parent)
        {
            buffer[_nodes[i].Depth] = _nodes[i].Token;
        }
        return buffer[..length];
    }

    /// <summary>The computed child of a node that holds a token, or -1.</summary>
    public int StoredChild(int parent, int token)
    {
        foreach (int node in _computed)
        {
            if (_nodes[node].Parent == parent && _nodes[node].Token == token)
            {
                return node;
            }
        }
        return -1;
    }

    /// <summary>The best nodes, the best first; a parent is never worse than its child.</summary>
    /// <param name="sequence">The coordinator's id of the sequence.</param>
    public DraftProposal Proposal(long sequence)
    {
        Rank(0);
        int count = Math.Min(_order.Count, Room.Nodes);
        var proposal = new DraftProposal
        {
            Sequence = sequence,
            Tokens = new int[count],
            Parents = new int[count],
            Confidences = new float[count],
            Laws = count > 0 && _nodes[0].Law is not null ? new DraftLaw?[count] : [],
        };
        Span<int> places = stackalloc int[_nodes.Count];
        for (int i = 0; i < count; i++)
        {
            Node node = _nodes[_order[i]];
            places[_order[i]] = i;
            proposal.Tokens[i] = node.Token;
            proposal.Parents[i] = node.Parent < 0 ? DraftTree.Root : places[node.Parent];
            proposal.Confidences[i] = node.Chance;
            if (node.Law is not null)
            {
                proposal.Laws[i] = node.Law;
            }
        }
        return proposal;
    }

    private void Rank(int first)
    {
        _order.Clear();
        for (int i = first; i < _nodes.Count; i++)
        {
            _order.Add(i);
        }
        _order.Sort(_bestFirst);
    }

    /// <summary>A node.</summary>
    /// <param name="Token">Its token.</param>
    /// <param name="Parent">Index of its parent, or <see cref="DraftTree.Root"/>.</param>
    /// <param name="Depth">Nodes between it and the root.</param>
    /// <param name="Chance">To be right when its parent is.</param>
    /// <param name="Score">Logarithm of the product of the chances on its path; of a drawn one, the less the later it was drawn.</param>
    /// <param name="KvSlot">Where its key and value are stored, or -1.</param>
    /// <param name="Order">Its place among the computed ones, or -1.</param>
    /// <param name="Law">What it and its siblings were drawn from, where the acceptance rule asks for it.</param>
    public readonly record struct Node(int Token, int Parent, int Depth, float Chance, double Score, int KvSlot, int Order, DraftLaw? Law);

    private sealed class BestFirst(List<Node> nodes) : IComparer<int>
    {
        public int Compare(int a, int b)
        {
            int byScore = nodes[b].Score.CompareTo(nodes[a].Score);
            return byScore != 0 ? byScore : a.CompareTo(b);
        }
    }
}
