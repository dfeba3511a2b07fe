namespace Winnow.Inference.Grammar;

/// <summary>
/// The rules that are open inside each other, innermost first: a persistent stack, so that states share what they have in common and a fork is a reference.
/// </summary>
/// <param name="id">Number among the stacks of a grammar; equal stacks are the same object.</param>
/// <param name="returns">State to go on from when the innermost rule ends.</param>
/// <param name="outer">The rules around it; <see langword="null"/> when this stands for none.</param>
internal sealed class OpenRules(int id, int returns, OpenRules? outer)
{
    /// <summary>Number among the stacks of a grammar.</summary>
    public int Id => id;

    /// <summary>State to go on from when the innermost rule ends.</summary>
    public int Returns => returns;

    /// <summary>The rules around it.</summary>
    public OpenRules? Outer => outer;

    /// <summary>Rules open.</summary>
    public int Depth { get; } = outer is null ? 0 : outer.Depth + 1;
}

/// <summary>One way to read what has been read: a state of the automaton and the rules open there.</summary>
/// <param name="State">State of the automaton.</param>
/// <param name="Open">Rules open.</param>
internal readonly record struct Reading(int State, OpenRules Open);
