using Winnow.Inference.Acceptance;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting;

/// <summary>One sequence's question to a drafter that keeps its own state; the in-process twin of the wire's DraftSequence.</summary>
public sealed class DraftQuery
{
    /// <summary>The coordinator's id of the sequence, never reused.</summary>
    public required long Sequence { get; init; }

    /// <summary>Tokens the drafter is believed to hold.</summary>
    public required int KnownLength { get; init; }

    /// <summary><see cref="Cache.PrefixHash"/> over those tokens.</summary>
    public required ulong PrefixHash { get; init; }

    /// <summary>Tokens that follow.</summary>
    public required int[] NewTokens { get; init; }

    /// <summary>Draft tokens wanted: nodes of a tree, or the length of a chain.</summary>
    public required int DraftTokens { get; init; }

    /// <summary>Prompt tokens: generation index 0 is the token after these.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Most children of a node; 0 and 1 ask for a chain.</summary>
    public int TreeWidth { get; init; }

    /// <summary>Most tokens on the way from the root to a leaf; 0 for no such limit.</summary>
    public int TreeDepth { get; init; }

    /// <summary>
    /// Stop a chain after the token at which the chance that all of it is kept falls below this (SpecDec++, arXiv 2405.19715); 0: never. The token itself is proposed: what
    /// is left out after it was drawn would bend the rules that judge by its distribution.
    /// </summary>
    public double LeastChance { get; init; }

    /// <summary>How the target samples; always given with <see cref="KnownLength"/> 0.</summary>
    public SamplingParameters? Sampling { get; init; }

    /// <summary>Drafts that the target verifies now after those tokens; only when <see cref="DraftTokens"/> is 0: otherwise it is to be the answer.</summary>
    public int[] Verifying { get; init; } = [];

    /// <summary>Tokens to draft ahead for each likely outcome of that verification; 0 when nothing is to be drafted ahead.</summary>
    public int AheadTokens { get; init; }

    /// <summary>Time until the outcome is known; branches that come later are of no use.</summary>
    public TimeSpan AheadTime { get; init; }
}

/// <summary>A drafter's answer for one sequence.</summary>
public sealed class DraftProposal
{
    /// <summary>The coordinator's id of the sequence.</summary>
    public required long Sequence { get; init; }

    /// <summary>The drafter does not hold the prefix: ask again with <see cref="DraftQuery.KnownLength"/> 0.</summary>
    public bool NeedPrefix { get; init; }

    /// <summary>Proposed tokens, in the order of their worth.</summary>
    public int[] Tokens { get; init; } = [];

    /// <summary>
    /// Parent of every proposed token: the index of an earlier one, or <see cref="DraftTree.Root"/> for the sequence's last token; empty for a chain.
    /// </summary>
    public int[] Parents { get; init; } = [];

    /// <summary>The drafter's probability of each proposed token after its parent, 0 to 1.</summary>
    public float[] Confidences { get; init; } = [];

    /// <summary>What each token was drawn from when the sequence's acceptance rule asks for it; otherwise empty. Of siblings the first one's counts.</summary>
    public DraftLaw?[] Laws { get; init; } = [];

    /// <summary>Why there are no more; of a tree always <see cref="DraftStop.Limit"/>. It does not travel.</summary>
    public DraftStop Stop { get; init; }
}
