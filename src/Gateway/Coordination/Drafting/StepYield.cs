namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>What a step brought.</summary>
/// <param name="Sequences">Its sequences.</param>
/// <param name="Drafted">Draft tokens it verified.</param>
/// <param name="Tokens">Tokens it brought.</param>
internal readonly record struct StepYield(int Sequences, int Drafted, int Tokens);
