namespace Winnow.Inference.Drafting;

/// <summary>Why a drafter proposed no more than it did.</summary>
public enum DraftStop
{
    /// <summary>It drafted what was asked for, as far as limits and memory allow.</summary>
    Limit,

    /// <summary>The table of how often drafts of such probability were kept made it expect no more.</summary>
    Table,

    /// <summary>The stop head did.</summary>
    StopHead,
}
