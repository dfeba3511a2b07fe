using System.Diagnostics;
using Winnow.Inference.Grammar;

namespace Winnow.Inference.Drafting;

/// <summary>
/// What a drafter guesses after a sequence's last token: a tree of tokens in flat arrays, of which a chain is the case of width one. Holds only what is well-formed,
/// whoever writes it: parents stand before their children, siblings differ, ids are in the vocabulary, and all is within the room given.
/// </summary>
/// <remarks>
/// Nodes are to come in the order of their worth, since whoever has less room cuts at the end. The first child that a node gets goes on its main chain, whose
/// keys and values are computed in place; every other node costs a scratch row. Buffers are reused; appending to a chain takes constant time.
/// </remarks>
public sealed class DraftTree
{
    /// <summary>In the place of a parent: the sequence's last token.</summary>
    public const int Root = -1;

    private readonly int[] _tokens;
    private readonly int[] _parents;
    private readonly int[] _depths;
    private readonly float[] _chances;
    private int _tip = Root;

    /// <summary>An empty draft.</summary>
    /// <param name="capacity">Most nodes ever.</param>
    public DraftTree(int capacity)
    {
        _tokens = new int[capacity];
        _parents = new int[capacity];
        _depths = new int[capacity];
        _chances = new float[capacity];
    }

    /// <summary>What may be added, as <see cref="Begin"/> was told.</summary>
    public DraftRoom Room { get; private set; }

    /// <summary>Nodes.</summary>
    public int Count { get; private set; }

    /// <summary>Nodes of the main chain: the root's first child, its first child, and so on.</summary>
    public int ChainLength { get; private set; }

    /// <summary>Nodes on the way from the root to the deepest leaf.</summary>
    public int Depth
    {
        get
        {
            int depth = 0;
            foreach (int above in Depths)
            {
                depth = Math.Max(depth, above + 1);
            }
            return depth;
        }
    }

    /// <summary>Every node is the child of the one before it.</summary>
    public bool IsChain => ChainLength == Count;

    /// <summary>Nothing more fits.</summary>
    public bool IsFull => Count >= Room.Nodes;

    /// <summary>Token of every node.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Count);

    /// <summary>Parent of every node: the index of an earlier one, or <see cref="Root"/>.</summary>
    public ReadOnlySpan<int> Parents => _parents.AsSpan(0, Count);

    /// <summary>Tokens between the root and every node: 0 for the root's children.</summary>
    public ReadOnlySpan<int> Depths => _depths.AsSpan(0, Count);

    /// <summary>The drafter's own estimate that a node is right when its parent is, 0 to 1; NaN where it has none.</summary>
    public ReadOnlySpan<float> Chances => _chances.AsSpan(0, Count);

    /// <summary>Empties the draft for a new guess.</summary>
    /// <param name="room">What may be added; nodes beyond the capacity are not.</param>
    public void Begin(DraftRoom room)
    {
        Clear();
        Room = room with { Nodes = Math.Min(room.Nodes, _tokens.Length) };
    }

    /// <summary>Empties the draft.</summary>
    public void Clear()
    {
        Count = ChainLength = 0;
        _tip = Root;
    }

    /// <summary>Adds a node after the one added last.</summary>
    /// <inheritdoc cref="TryAdd"/>
    public bool TryAppend(int token, float chance = float.NaN) => TryAdd(token, Count - 1, chance);

    /// <summary>Adds a node.</summary>
    /// <param name="token">Its token.</param>
    /// <param name="parent">Index of its parent, or <see cref="Root"/>.</param>
    /// <param name="chance">The drafter's own estimate that it is right when its parent is.</param>
    /// <returns>Whether there was room for it and it was well-formed; otherwise nothing has changed.</returns>
    public bool TryAdd(int token, int parent, float chance = float.NaN)
    {
        if (IsFull || (uint)token >= (uint)Room.VocabularySize || parent < Root || parent >= Count)
        {
            return false;
        }
        int depth = parent == Root ? 0 : _depths[parent] + 1;
        if (depth >= Room.Depth || (parent < Count - 1 && !IsNewChild(token, parent)))
        {
            return false;
        }
        (_tokens[Count], _parents[Count], _depths[Count], _chances[Count]) = (token, parent, depth, chance is >= 0 and <= 1 ? chance : float.NaN);
        if (parent == _tip)
        {
            _tip = Count;
            ChainLength++;
        }
        Count++;
        return true;
    }

    /// <summary>Adds the nodes of a draft that nobody vouches for, up to the first that cannot be taken.</summary>
    /// <param name="tokens">Their tokens.</param>
    /// <param name="parents">Their parents; empty for a chain. With another number of entries nothing is added.</param>
    /// <param name="chances">Their chances; those that are missing are unknown.</param>
    public void Take(ReadOnlySpan<int> tokens, ReadOnlySpan<int> parents, ReadOnlySpan<float> chances)
    {
        if (parents.Length != 0 && parents.Length != tokens.Length)
        {
            return;
        }
        for (int i = 0; i < tokens.Length; i++)
        {
            if (!TryAdd(tokens[i], parents.Length == 0 ? i - 1 : parents[i], i < chances.Length ? chances[i] : float.NaN))
            {
                return;
            }
        }
    }

    /// <summary>Cuts the end off, so that what is left fits; the rest is a draft as before.</summary>
    /// <param name="nodes">Most nodes.</param>
    /// <param name="chain">Most nodes of the main chain.</param>
    /// <param name="others">Most nodes off the main chain.</param>
    public void Cut(int nodes, int chain = int.MaxValue, int others = int.MaxValue)
    {
        int count = 0;
        int onChain = 0;
        int tip = Root;
        while (count < Math.Min(nodes, Count))
        {
            bool isNext = _parents[count] == tip;
            if (isNext ? onChain >= chain : count - onChain >= others)
            {
                break;
            }
            onChain += isNext ? 1 : 0;
            tip = isNext ? count : tip;
            count++;
        }
        (Count, ChainLength, _tip) = (count, onChain, tip);
    }

    /// <summary>Takes out every node that a grammar refuses after those above it, with all below.</summary>
    /// <param name="root">Where the sequence's last token stands in the grammar.</param>
    /// <exception cref="GrammarException">Following the grammar takes more than is allowed; nothing has changed.</exception>
    public void Prune(GrammarState root)
    {
        var states = new GrammarState?[Count];
        bool isWhole = true;
        for (int i = 0; i < Count; i++)
        {
            GrammarState? above = _parents[i] == Root ? root : states[_parents[i]];
            // Nothing is ever drawn behind the end.
            states[i] = above is { IsEnded: false } ? above.Advance(_tokens[i]) : null;
            isWhole &= states[i] is not null;
        }
        if (isWhole)
        {
            return;
        }
        (int[] tokens, int[] parents, float[] chances) = (Tokens.ToArray(), Parents.ToArray(), Chances.ToArray());
        int[] places = new int[tokens.Length];
        Clear();
        for (int i = 0; i < tokens.Length; i++)
        {
            places[i] = Count;
            if (states[i] is not null)
            {
                TryAdd(tokens[i], parents[i] == Root ? Root : places[parents[i]], chances[i]);
            }
        }
    }

    /// <summary>Becomes a copy of another draft, or of its beginning where that is all the room there is.</summary>
    public void CopyFrom(DraftTree other)
    {
        Debug.Assert(other != this, "a draft is not copied onto itself");
        Begin(other.Room);
        Take(other.Tokens, other.Parents, other.Chances);
    }

    /// <summary>The child of a node that holds a token, or -1.</summary>
    /// <param name="parent">Index of a node, or <see cref="Root"/>.</param>
    /// <param name="token">Token to find.</param>
    public int ChildOf(int parent, int token)
    {
        for (int i = parent + 1; i < Count; i++)
        {
            if (_parents[i] == parent && _tokens[i] == token)
            {
                return i;
            }
        }
        return -1;
    }

    /// <summary>The tokens of the main chain.</summary>
    public int[] MainChain()
    {
        var chain = new int[ChainLength];
        int tip = Root;
        int length = 0;
        for (int i = 0; length < chain.Length; i++)
        {
            if (_parents[i] == tip)
            {
                chain[length++] = _tokens[i];
                tip = i;
            }
        }
        return chain;
    }

    /// <summary>Whether a node has children.</summary>
    /// <param name="parent">Index of a node, or <see cref="Root"/>.</param>
    public bool HasChild(int parent) => _parents.AsSpan(parent + 1, Count - parent - 1).Contains(parent);

    /// <summary>Whether a node is the first child of its parent; when its parent is on the main chain, it is too.</summary>
    /// <param name="node">Index of a node.</param>
    public bool IsFirstChild(int node) => _parents.AsSpan(0, node).LastIndexOf(_parents[node]) < 0;

    /// <summary>How far a text goes down the tree.</summary>
    /// <param name="drawn">Tokens that followed the root.</param>
    /// <param name="node">The last node that is right, or <see cref="Root"/>.</param>
    /// <returns>Nodes that are right, one after another from the root.</returns>
    public int Follow(ReadOnlySpan<int> drawn, out int node)
    {
        node = Root;
        for (int i = 0; i < drawn.Length; i++)
        {
            int child = ChildOf(node, drawn[i]);
            if (child < 0)
            {
                return i;
            }
            node = child;
        }
        return drawn.Length;
    }

    private bool IsNewChild(int token, int parent)
    {
        int children = 0;
        for (int i = parent + 1; i < Count; i++)
        {
            if (_parents[i] == parent)
            {
                children++;
                if (_tokens[i] == token)
                {
                    return false;
                }
            }
        }
        return children < Room.Width;
    }
}
