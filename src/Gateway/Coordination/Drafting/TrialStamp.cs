namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>Under which trial a step was sent: steps in a row with the same stamp can be measured.</summary>
/// <param name="Ordinal">Number of the phase; 0 outside of any.</param>
/// <param name="Batch">Sequences that ran.</param>
/// <param name="IsOfTrial">Drafts of the step depended on the phase; others, whose lengths are fixed, only pass in between.</param>
internal readonly record struct TrialStamp(long Ordinal, int Batch, bool IsOfTrial);
