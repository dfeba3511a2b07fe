namespace Winnow.Inference.Grammar;

/// <summary>
/// A compiled grammar over a vocabulary. Its automaton is made deterministic as texts are read: a place is made once and found again, in tables of bounded size.
/// Safe for concurrent use.
/// </summary>
public sealed class TokenGrammar
{
    /// <summary>Readings and edges that finding one mask, or following one token, may look at: what bounds the time that a hostile grammar takes from others.</summary>
    internal const int MostWork = 1 << 18;

    // What is kept for later; beyond it places belong only to those who use them, and the grammar is compiled anew for the next request.
    private const int MostStatesKept = 16384;
    private const int MostReadingsKept = 1 << 20;
    private const long MostMaskBytesKept = 64L << 20;

    // Ways to read one text; more only happens to ambiguous grammars.
    private const int MostReadings = 4096;
    private const int MostStacks = 1 << 18;

    private static readonly Comparison<Reading> InOrder = static (a, b) =>
        a.State != b.State ? a.State.CompareTo(b.State) : a.Open.Id.CompareTo(b.Open.Id);

    private readonly Lock _lock = new();
    private readonly Dictionary<(int Returns, int Outer), OpenRules> _stacks = [];
    private readonly Dictionary<Reading[], GrammarState> _states = new(new ReadingsComparer());
    private readonly OpenRules _bottom = new(0, -1, null);
    private readonly HashSet<Reading> _seen = [];
    private readonly Stack<Reading> _open = new();
    private readonly List<Reading> _found = [];
    private int _readingsKept;
    private long _maskBytesKept;
    private volatile bool _isFull;

    internal TokenGrammar(GrammarSource source, Automaton automaton, GrammarVocabulary vocabulary)
    {
        Source = source;
        Automaton = automaton;
        Vocabulary = vocabulary;
        Refused = new GrammarState(this, [], canEnd: false);
        Finished = new GrammarState(this, [], canEnd: true);
        Ended = new GrammarState(this, [], canEnd: true, isEnded: true);
        Visit(automaton.Root, _bottom);
        int budget = MostWork;
        Start = Close(ref budget);
    }

    /// <summary>What it was compiled from.</summary>
    public GrammarSource Source { get; }

    /// <summary>The place before any text.</summary>
    public GrammarState Start { get; }

    /// <summary>The vocabulary.</summary>
    internal GrammarVocabulary Vocabulary { get; }

    /// <summary>The automaton.</summary>
    internal Automaton Automaton { get; }

    /// <summary>Stands for no place at all.</summary>
    internal GrammarState Refused { get; }

    /// <summary>The place after a complete text that nothing can follow.</summary>
    internal GrammarState Finished { get; }

    /// <summary>The place after an end token.</summary>
    internal GrammarState Ended { get; }

    /// <summary>It keeps no more: a new request is better served by one compiled anew.</summary>
    internal bool IsFull => _isFull;

    /// <summary>Places kept.</summary>
    internal int StateCount
    {
        get
        {
            lock (_lock)
            {
                return _states.Count;
            }
        }
    }

    /// <summary>Whether a place may keep its mask of so many words.</summary>
    internal bool MayKeepMask(int words)
    {
        bool may = Interlocked.Add(ref _maskBytesKept, (long)words * sizeof(ulong)) <= MostMaskBytesKept;
        _isFull |= !may;
        return may;
    }

    /// <summary>The place after one more byte; <see cref="Refused"/> for none.</summary>
    /// <exception cref="GrammarException">There are too many ways to read the text, or finding out takes more than is allowed.</exception>
    internal GrammarState Step(GrammarState from, byte value, ref int budget)
    {
        lock (_lock)
        {
            foreach (Reading reading in from.Readings)
            {
                List<ByteEdge> edges = Automaton[reading.State].Bytes;
                budget -= edges.Count;
                foreach (ByteEdge edge in edges)
                {
                    if (value >= edge.First && value <= edge.Last)
                    {
                        Visit(edge.Target, reading.Open);
                    }
                }
            }
            return Close(ref budget);
        }
    }

    // Follows what reads nothing from the places visited; keeps those from which a byte can be read.
    private GrammarState Close(ref int budget)
    {
        bool canEnd = false;
        try
        {
            while (_open.TryPop(out Reading reading))
            {
                AutomatonState state = Automaton[reading.State];
                if (state.IsEnd)
                {
                    canEnd |= reading.Open == _bottom;
                    if (reading.Open.Outer is { } outer)
                    {
                        Visit(reading.Open.Returns, outer);
                    }
                }
                foreach (int next in state.Free)
                {
                    Visit(next, reading.Open);
                }
                foreach (CallEdge call in state.Calls)
                {
                    Call(call, reading.Open);
                }
                if (state.Bytes.Count > 0)
                {
                    _found.Add(reading);
                }
            }
            budget -= _seen.Count + 1;
            return budget >= 0 ? Intern(canEnd)
                : throw new GrammarException($"Following the grammar from one token to the next takes more than {MostWork} steps; make it simpler.");
        }
        finally
        {
            _open.Clear();
            _seen.Clear();
            _found.Clear();
        }
    }

    private void Visit(int state, OpenRules open)
    {
        // What could only end deeper than rules may nest is given up here, so that every place has a way to the end.
        int need = Automaton.Needs[state];
        if (need > Automaton.MostDepth - open.Depth)
        {
            return;
        }
        Reading reading = new(state, open);
        if (_seen.Add(reading))
        {
            _open.Push(reading);
            if (_seen.Count > MostReadings)
            {
                throw new GrammarException($"The grammar can be read in more than {MostReadings} ways at one place; make it less ambiguous.");
            }
        }
    }

    private void Call(CallEdge call, OpenRules open)
    {
        if (Automaton[call.Return].IsEnd)
        {
            // Nothing of the rule is left to do when the other ends.
            Visit(call.Start, open);
        }
        else if (Automaton.Needs[call.Return] <= Automaton.MostDepth - open.Depth)
        {
            (int, int) key = (call.Return, open.Id);
            if (!_stacks.TryGetValue(key, out OpenRules? inner))
            {
                if (_stacks.Count == MostStacks)
                {
                    _isFull = true;
                    throw new GrammarException($"The text has opened the grammar's rules in more than {MostStacks} ways; make it simpler.");
                }
                inner = new OpenRules(_stacks.Count + 1, call.Return, open);
                _stacks.Add(key, inner);
            }
            Visit(call.Start, inner);
        }
    }

    private GrammarState Intern(bool canEnd)
    {
        if (_found.Count == 0)
        {
            return canEnd ? Finished : Refused;
        }
        _found.Sort(InOrder);
        if (canEnd)
        {
            // Tells places that may end from those that may not.
            _found.Add(new Reading(-1, _bottom));
        }
        Reading[] key = [.. _found];
        if (_states.TryGetValue(key, out GrammarState? known))
        {
            return known;
        }
        _isFull |= _states.Count >= MostStatesKept || _readingsKept >= MostReadingsKept;
        GrammarState made = new(this, canEnd ? key[..^1] : key, canEnd, isKept: !_isFull);
        if (!_isFull)
        {
            _readingsKept += key.Length;
            _states.Add(key, made);
        }
        return made;
    }

    private sealed class ReadingsComparer : IEqualityComparer<Reading[]>
    {
        public bool Equals(Reading[]? x, Reading[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(Reading[] readings)
        {
            HashCode hash = default;
            foreach (Reading reading in readings)
            {
                hash.Add(reading.State);
                hash.Add(reading.Open.Id);
            }
            return hash.ToHashCode();
        }
    }
}
