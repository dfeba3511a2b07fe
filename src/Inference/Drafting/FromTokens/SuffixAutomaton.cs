namespace Winnow.Inference.Drafting.FromTokens;

/// <summary>
/// A suffix automaton (Blumer and others, 1985) over a text of tokens that grows at its end: knows every substring, and where one stood last. A token is
/// added in amortised constant time. The text itself is the caller's.
/// </summary>
/// <remarks>
/// At most two states and three edges a token, 20 bytes a state and 24 an edge (its place in the hash table included): about 110 bytes a token at worst, twice that
/// with the slack of arrays that double.
/// </remarks>
internal sealed class SuffixAutomaton
{
    /// <summary>The state of the empty string.</summary>
    public const int Root = 0;

    // How many of the suffixes of the newest token learn that they stand there too; the rest keep an older place, which is as true, and a smaller count.
    private const int FreshSuffixes = 32;
    private const int NoState = -1;
    private const int FirstStates = 64;
    private int[] _length = new int[FirstStates];
    private int[] _link = new int[FirstStates];
    private int[] _end = new int[FirstStates];
    private int[] _count = new int[FirstStates];
    private int[] _firstEdge = new int[FirstStates];
    private Edge[] _edges = new Edge[2 * FirstStates];
    private int[] _slots = new int[4 * FirstStates];
    private int _stateCount;
    private int _edgeCount;
    private int _last;

    /// <summary>Starts with no text.</summary>
    public SuffixAutomaton() => Clear();

    /// <summary>Tokens added.</summary>
    public int TextLength { get; private set; }

    /// <summary>Length of the longest suffix of the text that also stands earlier in it.</summary>
    public int RepeatLength { get; private set; }

    /// <summary>Position after an earlier place of that suffix.</summary>
    public int RepeatEnd { get; private set; }

    /// <summary>Its state.</summary>
    public int RepeatState => Math.Max(Root, _link[_last]);

    /// <summary>Forgets the text and keeps the memory.</summary>
    public void Clear()
    {
        Array.Clear(_slots);
        _stateCount = _edgeCount = _last = TextLength = RepeatLength = RepeatEnd = 0;
        AddState(0, NoState, 0);
    }

    /// <summary>Adds a token to the text.</summary>
    public void Append(int token)
    {
        TextLength++;
        int added = AddState(TextLength, Root, TextLength);
        int state = _last;
        while (state != NoState && FindEdge(state, token) < 0)
        {
            AddEdge(state, token, added);
            state = _link[state];
        }
        if (state != NoState)
        {
            int next = _edges[FindEdge(state, token)].Target;
            int link = _length[next] == _length[state] + 1 ? next : Split(state, token, next);
            _link[added] = link;
        }
        _last = added;
        RepeatLength = _length[_link[added]];
        RepeatEnd = _end[_link[added]];
        state = _link[added];
        for (int i = 0; i < FreshSuffixes && state > Root; i++)
        {
            _end[state] = TextLength;
            _count[state]++;
            state = _link[state];
        }
    }

    /// <summary>Moves a match over another text on by a token: to the longest suffix of the match and the token that this text holds.</summary>
    /// <param name="state">The match's state, <see cref="Root"/> at first.</param>
    /// <param name="length">The match's length, 0 at first.</param>
    /// <param name="token">The next token of the other text.</param>
    public void Follow(ref int state, ref int length, int token)
    {
        Settle(ref state, length);
        int edge = FindEdge(state, token);
        while (edge < 0 && state != Root)
        {
            state = _link[state];
            length = _length[state];
            edge = FindEdge(state, token);
        }
        if (edge >= 0)
        {
            state = _edges[edge].Target;
            length++;
        }
    }

    /// <summary>Position after a place of a match.</summary>
    public int EndOf(int state, int length)
    {
        Settle(ref state, length);
        return _end[state];
    }

    /// <summary>The state of the longest suffix of a match that stands in other places too; <see cref="Root"/> at the end.</summary>
    public int ShorterOf(int state) => Math.Max(Root, _link[state]);

    /// <summary>What followed a state, the newest kinds first.</summary>
    /// <param name="state">Where a match stands.</param>
    /// <param name="branches">Gets them, as many as fit.</param>
    /// <returns>How many.</returns>
    public int Branches(int state, Span<SuffixBranch> branches)
    {
        int count = 0;
        for (int edge = _firstEdge[state]; edge >= 0 && count < branches.Length; edge = _edges[edge].Next)
        {
            branches[count++] = new SuffixBranch(_edges[edge].Token, _edges[edge].Target, _count[_edges[edge].Target]);
        }
        return count;
    }

    // States are split while the text grows; the shorter half of one is then its link.
    private void Settle(ref int state, int length)
    {
        while (state != Root && length <= _length[_link[state]])
        {
            state = _link[state];
        }
    }

    private int Split(int state, int token, int next)
    {
        int half = AddState(_length[state] + 1, _link[next], _end[next]);
        _count[half] = _count[next];
        for (int edge = _firstEdge[next]; edge >= 0; edge = _edges[edge].Next)
        {
            AddEdge(half, _edges[edge].Token, _edges[edge].Target);
        }
        while (state != NoState && FindEdge(state, token) is >= 0 and int edge && _edges[edge].Target == next)
        {
            _edges[edge].Target = half;
            state = _link[state];
        }
        _link[next] = half;
        return half;
    }

    private int AddState(int length, int link, int end)
    {
        if (_stateCount == _length.Length)
        {
            Array.Resize(ref _length, 2 * _stateCount);
            Array.Resize(ref _link, 2 * _stateCount);
            Array.Resize(ref _end, 2 * _stateCount);
            Array.Resize(ref _count, 2 * _stateCount);
            Array.Resize(ref _firstEdge, 2 * _stateCount);
        }
        int state = _stateCount++;
        _length[state] = length;
        _link[state] = link;
        _end[state] = end;
        _count[state] = 1;
        _firstEdge[state] = -1;
        return state;
    }

    private void AddEdge(int source, int token, int target)
    {
        if (_edgeCount == _edges.Length)
        {
            Array.Resize(ref _edges, 2 * _edgeCount);
            _slots = new int[2 * _edges.Length];
            for (int edge = 0; edge < _edgeCount; edge++)
            {
                Enter(edge);
            }
        }
        _edges[_edgeCount] = new Edge { Source = source, Token = token, Target = target, Next = _firstEdge[source] };
        _firstEdge[source] = _edgeCount;
        Enter(_edgeCount++);
    }

    private void Enter(int edge)
    {
        int slot = SlotOf(_edges[edge].Source, _edges[edge].Token);
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }
        _slots[slot] = edge + 1;
    }

    private int FindEdge(int state, int token)
    {
        for (int slot = SlotOf(state, token); _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            int edge = _slots[slot] - 1;
            if (_edges[edge].Source == state && _edges[edge].Token == token)
            {
                return edge;
            }
        }
        return -1;
    }

    private int SlotOf(int state, int token)
    {
        ulong mixed = ((((ulong)(uint)state) << 32) | (uint)token) * 0x9E3779B97F4A7C15;
        return (int)(mixed >> 32) & (_slots.Length - 1);
    }

    private struct Edge
    {
        public int Source;
        public int Token;
        public int Target;
        public int Next;
    }
}

/// <summary>A token that followed a state of a <see cref="SuffixAutomaton"/>.</summary>
/// <param name="Token">The token.</param>
/// <param name="State">The state after it.</param>
/// <param name="Count">How often it was seen there, about.</param>
internal readonly record struct SuffixBranch(int Token, int State, int Count);
