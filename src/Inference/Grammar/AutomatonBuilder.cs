using System.Text;

namespace Winnow.Inference.Grammar;

/// <summary>Compiles rules to an <see cref="Automaton"/> (Thompson's construction; a rule's use is a call).</summary>
internal sealed class AutomatonBuilder
{
    /// <summary>Most states: what bounds the memory of a compiled grammar, and the time it takes to compile.</summary>
    public const int MostStates = 65536;

    private readonly GrammarRules _rules;
    private readonly List<AutomatonState> _states = [];
    private readonly int[] _starts;

    private AutomatonBuilder(GrammarRules rules)
    {
        _rules = rules;
        _starts = new int[rules.Count];
        for (int rule = 0; rule < _starts.Length; rule++)
        {
            _starts[rule] = NewState();
        }
    }

    /// <summary>Compiles rules.</summary>
    /// <exception cref="GrammarException">They are too large, left-recursive, not all defined, or no text follows them.</exception>
    public static Automaton Build(GrammarRules rules)
    {
        AutomatonBuilder builder = new(rules);
        for (int rule = 0; rule < rules.Count; rule++)
        {
            int end = builder.NewState(isEnd: true);
            builder.Add(rules.BodyOf(rule), builder._starts[rule], end);
        }
        AutomatonState[] states = [.. builder._states];
        AutomatonChecks checks = new(states);
        checks.RefuseLeftRecursion(builder._starts, rules);
        if (checks.Needs[builder._starts[rules.Root]] == Automaton.Never)
        {
            throw new GrammarException($"No text follows the grammar: its rule '{rules.NameOf(rules.Root)}' never ends, or only with rules nested deeper than "
                + $"{Automaton.MostDepth}; give it a shorter alternative.");
        }
        return new Automaton(states, builder._starts[rules.Root], checks.Needs);
    }

    private void Add(GrammarNode node, int from, int to)
    {
        switch (node)
        {
            case GrammarNode.Literal literal:
                AddBytes(Encoding.UTF8.GetBytes(literal.Text), from, to);
                break;
            case GrammarNode.OneOf one:
                AddSet(one.Set, from, to);
                break;
            case GrammarNode.Sequence sequence:
                for (int i = 0; i < sequence.Parts.Count; i++)
                {
                    int next = i == sequence.Parts.Count - 1 ? to : NewState();
                    Add(sequence.Parts[i], from, next);
                    from = next;
                }
                LinkIfEmpty(sequence.Parts.Count, from, to);
                break;
            case GrammarNode.Choice choice:
                foreach (GrammarNode alternative in choice.Alternatives)
                {
                    Add(alternative, from, to);
                }
                break;
            case GrammarNode.Repeat repeat:
                AddRepeat(repeat, from, to);
                break;
            case GrammarNode.Rule rule:
                _states[from].Calls.Add(new CallEdge(_starts[rule.Index], to));
                break;
            default:
                throw new ArgumentException($"A grammar node of type '{node.GetType().Name}' is not known.", nameof(node));
        }
    }

    private void AddBytes(byte[] bytes, int from, int to)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            int next = i == bytes.Length - 1 ? to : NewState();
            _states[from].Bytes.Add(new ByteEdge(bytes[i], bytes[i], next));
            from = next;
        }
        LinkIfEmpty(bytes.Length, from, to);
    }

    private void LinkIfEmpty(int count, int from, int to)
    {
        if (count == 0)
        {
            _states[from].Free.Add(to);
        }
    }

    // Sequences of bytes that end alike share the states of their ends.
    private void AddSet(CodePointSet set, int from, int to)
    {
        Dictionary<(byte First, byte Last, int Target), int> ends = [];
        foreach ((byte First, byte Last)[] sequence in set.ToUtf8())
        {
            int target = to;
            for (int i = sequence.Length - 1; i > 0; i--)
            {
                (byte, byte, int) key = (sequence[i].First, sequence[i].Last, target);
                if (!ends.TryGetValue(key, out int state))
                {
                    state = NewState();
                    _states[state].Bytes.Add(new ByteEdge(sequence[i].First, sequence[i].Last, target));
                    ends.Add(key, state);
                }
                target = state;
            }
            _states[from].Bytes.Add(new ByteEdge(sequence[0].First, sequence[0].Last, target));
        }
    }

    private void AddRepeat(GrammarNode.Repeat repeat, int from, int to)
    {
        for (int i = 0; i < repeat.Least; i++)
        {
            int next = NewState();
            Add(repeat.Part, from, next);
            from = next;
        }
        if (repeat.Most == GrammarNode.Repeat.Unlimited)
        {
            // A state of its own, since others may lead to and from these.
            int loop = NewState();
            _states[from].Free.Add(loop);
            Add(repeat.Part, loop, loop);
            from = loop;
        }
        else
        {
            for (int i = repeat.Least; i < repeat.Most; i++)
            {
                int next = NewState();
                _states[from].Free.Add(to);
                Add(repeat.Part, from, next);
                from = next;
            }
        }
        _states[from].Free.Add(to);
    }

    private int NewState(bool isEnd = false)
    {
        if (_states.Count == MostStates)
        {
            throw new GrammarException($"The grammar needs more than {MostStates} states; shorten its repetitions and its lists.");
        }
        _states.Add(new AutomatonState { IsEnd = isEnd });
        return _states.Count - 1;
    }
}
