namespace Winnow.Inference.Drafting;

/// <summary>
/// What to draft if a sequence turns out to go on in a certain way: an entry of the speculation cache (after Saguaro, arXiv 2603.03251). The key (sequence, accepted drafts,
/// bonus token) is held in one hash over the tokens, so that a branch for what never happened is never found.
/// </summary>
public sealed class DraftBranch
{
    /// <summary>The coordinator's id of the sequence.</summary>
    public required long Sequence { get; init; }

    /// <summary>Tokens of the sequence before this branch: those told, accepted drafts, the token after them.</summary>
    public required int Length { get; init; }

    /// <summary><see cref="Cache.PrefixHash"/> over those.</summary>
    public required ulong PrefixHash { get; init; }

    /// <summary>It is there because the target's early exit expected the outcome (<see cref="DraftMirror"/>).</summary>
    public bool IsMirrored { get; init; }

    /// <summary>Proposed tokens, a chain.</summary>
    public required int[] Tokens { get; init; }
}
