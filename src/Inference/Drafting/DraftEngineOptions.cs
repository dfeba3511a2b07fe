using System.ComponentModel.DataAnnotations;

namespace Winnow.Inference.Drafting;

/// <summary>Limits of a <see cref="DraftEngine"/>.</summary>
public sealed record DraftEngineOptions
{
    /// <summary>
    /// Most sequences remembered; the least recently asked is forgotten first. Memory: 12 bytes a token, KV blocks apart. Default 1024.
    /// </summary>
    [Range(1, 65536)]
    public int MaxSequences { get; init; } = 1024;

    /// <summary>Most draft tokens of a proposal; a query that wants more gets this many. Default 32.</summary>
    [Range(1, 1024)]
    public int MaxDraftTokens { get; init; } = 32;

    /// <summary>Most children of a node of a draft tree, and most nodes of a level that are grown further.</summary>
    public const int MostTreeWidth = 16;

    /// <summary>Most nodes of a draft tree; a query that wants more gets this many. Its depth is bounded by <see cref="MaxDraftTokens"/>. Default 64.</summary>
    [Range(1, 1024)]
    public int MaxTreeNodes { get; init; } = 64;

    /// <summary>
    /// Most prompt tokens that one round computes for all its sequences together; a sequence that is not caught up by then
    /// proposes nothing and goes on in the next round. Higher shortens the time to a sequence's first drafts and lengthens
    /// the round for the others. Default 512.
    /// </summary>
    [Range(1, 1 << 20)]
    public int MaxCatchUpTokens { get; init; } = 512;

    /// <summary>Most rows of a forward pass. Memory: one hidden state and one row of logits each. Default 512.</summary>
    [Range(1, 1 << 16)]
    public int MaxPassRows { get; init; } = 512;

    /// <summary>
    /// Most outcomes of one verification that are drafted for ahead. Each costs a row a token, and KV blocks that nobody needs. Default 12.
    /// </summary>
    [Range(1, 256)]
    public int MaxBranches { get; init; } = 12;

    /// <summary>Outcomes less likely than this are not drafted for. Default 0.02.</summary>
    [Range(0.0, 1.0)]
    public double LeastBranchOdds { get; init; } = 0.02;

    /// <summary>
    /// Most rows of a pass that ranks outcomes, prompts that are caught up with included: a question that comes meanwhile waits as long. Default 128.
    /// </summary>
    [Range(1, 1 << 16)]
    public int MaxAheadRows { get; init; } = 128;
}
