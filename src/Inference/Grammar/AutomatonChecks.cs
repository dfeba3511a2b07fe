namespace Winnow.Inference.Grammar;

/// <summary>What must hold of an automaton before it runs: every rule ends, and none calls itself before it has read a byte.</summary>
internal sealed class AutomatonChecks
{
    private readonly AutomatonState[] _states;
    private readonly List<BackEdge>[] _before;
    private readonly bool[] _isNullable;

    /// <summary>Reads the states.</summary>
    public AutomatonChecks(AutomatonState[] states)
    {
        _states = states;
        _before = new List<BackEdge>[states.Length];
        for (int state = 0; state < states.Length; state++)
        {
            _before[state] = [];
        }
        for (int state = 0; state < states.Length; state++)
        {
            LinkBack(state);
        }
        Needs = new int[states.Length];
        Array.Fill(Needs, Automaton.Never);
        _isNullable = new bool[states.Length];
        Settle(state => Needs[state] = 0, LowersNeed);
        Settle(state => _isNullable[state] = true, MakesNullable);
    }

    /// <summary>See <see cref="Automaton.Needs"/>.</summary>
    public int[] Needs { get; }

    /// <summary>Refuses rules that call themselves before reading anything: they could be opened without end.</summary>
    /// <param name="starts">First state of every rule.</param>
    /// <param name="rules">For their names.</param>
    /// <exception cref="GrammarException">There is one.</exception>
    public void RefuseLeftRecursion(int[] starts, GrammarRules rules)
    {
        // A rule is begun, then done; whoever meets one that is begun has come round.
        HashSet<int> begun = [];
        HashSet<int> done = [];
        for (int rule = 0; rule < starts.Length; rule++)
        {
            Stack<(int Start, Stack<int> Open)> path = new();
            Enter(starts[rule]);
            while (path.TryPeek(out (int Start, Stack<int> Open) top))
            {
                if (!top.Open.TryPop(out int called))
                {
                    begun.Remove(top.Start);
                    done.Add(top.Start);
                    path.Pop();
                }
                else if (begun.Contains(called))
                {
                    throw new GrammarException($"The rule '{rules.NameOf(Array.IndexOf(starts, called))}' refers to itself before it reads anything (left recursion); "
                        + "write it with the reference behind what it reads.");
                }
                else
                {
                    Enter(called);
                }
            }

            void Enter(int start)
            {
                if (!done.Contains(start) && begun.Add(start))
                {
                    path.Push((start, new Stack<int>(CalledFirst(start))));
                }
            }
        }
    }

    // Rules that may be called from a state before anything is read.
    private HashSet<int> CalledFirst(int start)
    {
        HashSet<int> called = [];
        HashSet<int> seen = [start];
        Stack<int> open = new([start]);
        while (open.TryPop(out int state))
        {
            foreach (int next in _states[state].Free)
            {
                Visit(next);
            }
            foreach (CallEdge call in _states[state].Calls)
            {
                called.Add(call.Start);
                if (_isNullable[call.Start])
                {
                    Visit(call.Return);
                }
            }
        }
        return called;

        void Visit(int state)
        {
            if (seen.Add(state))
            {
                open.Push(state);
            }
        }
    }

    private void LinkBack(int state)
    {
        foreach (ByteEdge edge in _states[state].Bytes)
        {
            _before[edge.Target].Add(new BackEdge(state, BackEdge.Byte));
        }
        foreach (int next in _states[state].Free)
        {
            _before[next].Add(new BackEdge(state, BackEdge.Free));
        }
        for (int i = 0; i < _states[state].Calls.Count; i++)
        {
            _before[_states[state].Calls[i].Start].Add(new BackEdge(state, i));
            _before[_states[state].Calls[i].Return].Add(new BackEdge(state, i));
        }
    }

    // From the ends back. Values only ever go one way, at most as often as rules may nest, so that this ends soon.
    private void Settle(Action<int> begin, Func<BackEdge, int, bool> improves)
    {
        Queue<int> changed = new();
        for (int state = 0; state < _states.Length; state++)
        {
            if (_states[state].IsEnd)
            {
                begin(state);
                changed.Enqueue(state);
            }
        }
        while (changed.TryDequeue(out int state))
        {
            foreach (BackEdge edge in _before[state])
            {
                if (improves(edge, state))
                {
                    changed.Enqueue(edge.From);
                }
            }
        }
    }

    private bool LowersNeed(BackEdge edge, int target)
    {
        int need = Needs[target];
        if (edge.Call >= 0)
        {
            CallEdge call = _states[edge.From].Calls[edge.Call];
            // What comes back to the end of a rule needs no place to come back to.
            int inside = Needs[call.Start] == Automaton.Never || _states[call.Return].IsEnd ? Needs[call.Start] : Needs[call.Start] + 1;
            need = Math.Max(inside, Needs[call.Return]);
        }
        bool isLower = need < Needs[edge.From] && need <= Automaton.MostDepth;
        Needs[edge.From] = isLower ? need : Needs[edge.From];
        return isLower;
    }

    private bool MakesNullable(BackEdge edge, int target)
    {
        CallEdge? call = edge.Call >= 0 ? _states[edge.From].Calls[edge.Call] : null;
        bool isNew = !_isNullable[edge.From] && edge.Call != BackEdge.Byte
            && (call is null ? _isNullable[target] : _isNullable[call.Value.Start] && _isNullable[call.Value.Return]);
        _isNullable[edge.From] |= isNew;
        return isNew;
    }

    /// <summary>An edge, seen from its end.</summary>
    /// <param name="From">Where it begins.</param>
    /// <param name="Call">Which of the calls there it is, or one of the other kinds.</param>
    private readonly record struct BackEdge(int From, int Call)
    {
        public const int Free = -1;
        public const int Byte = -2;
    }
}
