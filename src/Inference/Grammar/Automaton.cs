namespace Winnow.Inference.Grammar;

/// <summary>
/// A grammar as a pushdown automaton over bytes: states with edges that read a byte, that read nothing, or that run a rule first. Immutable.
/// </summary>
internal sealed class Automaton
{
    /// <summary>Rules that may be open inside each other: JSON as deep as System.Text.Json and others read it.</summary>
    public const int MostDepth = 63;

    /// <summary>In <see cref="Needs"/>: the end cannot be reached within <see cref="MostDepth"/>.</summary>
    public const int Never = int.MaxValue;

    private readonly AutomatonState[] _states;

    /// <summary>Takes over the states of a builder.</summary>
    /// <param name="states">All states.</param>
    /// <param name="root">First state of the root rule.</param>
    /// <param name="needs">By state, how deep rules must be opened from there to the end of its rule, or <see cref="Never"/>.</param>
    public Automaton(AutomatonState[] states, int root, int[] needs)
    {
        _states = states;
        Root = root;
        Needs = needs;
        ClassOf = Classes(states, out int count);
        ClassCount = count;
    }

    /// <summary>First state of the root rule.</summary>
    public int Root { get; }

    /// <summary>By state, how deep rules must be opened from there to the end of its rule.</summary>
    public int[] Needs { get; }

    /// <summary>By byte, its class: the automaton never tells two bytes of a class apart.</summary>
    public byte[] ClassOf { get; }

    /// <summary>Classes of bytes.</summary>
    public int ClassCount { get; }

    /// <summary>A state.</summary>
    public AutomatonState this[int state] => _states[state];

    private static byte[] Classes(AutomatonState[] states, out int count)
    {
        bool[] begins = new bool[257];
        foreach (AutomatonState state in states)
        {
            foreach (ByteEdge edge in state.Bytes)
            {
                begins[edge.First] = begins[edge.Last + 1] = true;
            }
        }
        byte[] classes = new byte[256];
        int last = 0;
        for (int value = 1; value < classes.Length; value++)
        {
            last += begins[value] ? 1 : 0;
            classes[value] = (byte)last;
        }
        count = last + 1;
        return classes;
    }
}

/// <summary>A state and what leaves it.</summary>
internal sealed class AutomatonState
{
    /// <summary>Edges that read a byte.</summary>
    public List<ByteEdge> Bytes { get; } = [];

    /// <summary>States reached without reading.</summary>
    public List<int> Free { get; } = [];

    /// <summary>Edges that run a rule.</summary>
    public List<CallEdge> Calls { get; } = [];

    /// <summary>The rule ends here; nothing leaves the state.</summary>
    public bool IsEnd { get; init; }
}

/// <summary>Reads a byte.</summary>
/// <param name="First">Smallest.</param>
/// <param name="Last">Largest.</param>
/// <param name="Target">State after it.</param>
internal readonly record struct ByteEdge(byte First, byte Last, int Target);

/// <summary>Runs a rule.</summary>
/// <param name="Start">First state of the rule.</param>
/// <param name="Return">State after it.</param>
internal readonly record struct CallEdge(int Start, int Return);
