using Winnow.Inference.Acceptance;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Execution;

/// <summary>
/// One step of the running batch as the coordinator sends it through the pipeline; the in-process twin of the wire's StepMessage.
/// Applied in this order: closes, opens, copies, sequences.
/// </summary>
public sealed class StepBatch
{
    /// <summary>Fencing epoch of the replica.</summary>
    public long Epoch { get; set; }

    /// <summary>Step number, strictly increasing in an epoch.</summary>
    public long Step { get; set; }

    /// <summary>Slots to free.</summary>
    public List<int> Closes { get; } = [];

    /// <summary>Sequences that begin.</summary>
    public List<SequenceOpen> Opens { get; } = [];

    /// <summary>Whole-block KV copies.</summary>
    public List<BlockCopy> Copies { get; } = [];

    /// <summary>Rows to run.</summary>
    public List<SequenceRows> Sequences { get; } = [];

    /// <summary>Time that the first shard's early exit took, in microseconds; 0 without one.</summary>
    public long ExitMicros { get; set; }

    /// <summary>Rows that an earlier shard dropped, no longer in <see cref="Sequences"/>; the last shard reports them.</summary>
    public List<SequenceResult> Dropped { get; } = [];
}

/// <summary>A sequence that begins on the shards, with everything known of it.</summary>
public sealed class SequenceOpen
{
    /// <summary>Slot chosen by the coordinator, unique while open.</summary>
    public required int Slot { get; init; }

    /// <summary>Prompt, then committed tokens.</summary>
    public required int[] Tokens { get; init; }

    /// <summary>Generation index 0 is the token after these.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Leading tokens whose keys and values are already in <see cref="Blocks"/>.</summary>
    public required int CachedTokens { get; init; }

    /// <summary>Block table so far.</summary>
    public required int[] Blocks { get; init; }

    /// <summary>How to sample.</summary>
    public required SamplingParameters Sampling { get; init; }
}

/// <summary>A whole-block KV copy.</summary>
/// <param name="Source">Block to read.</param>
/// <param name="Destination">Block to write.</param>
public readonly record struct BlockCopy(int Source, int Destination);

/// <summary>One sequence's rows in a step.</summary>
public sealed class SequenceRows
{
    /// <summary>Slot of an open sequence.</summary>
    public required int Slot { get; init; }

    /// <summary>Tokens whose keys and values precede the first row.</summary>
    public required int BaseLength { get; init; }

    /// <summary><see cref="Cache.PrefixHash"/> over those tokens; a mismatch drops these rows, not the step.</summary>
    public required ulong PrefixHash { get; init; }

    /// <summary>Committed tokens that have no key and value yet (<see cref="KnownCount"/> of them), then draft nodes.</summary>
    public required int[] Tokens { get; init; }

    /// <summary>Leading committed tokens in <see cref="Tokens"/>, at least 1.</summary>
    public required int KnownCount { get; init; }

    /// <summary>
    /// Parent of every draft node as an index into <see cref="Tokens"/>, the first entry for index <see cref="KnownCount"/>;
    /// empty means a chain. A parent is at least <c>KnownCount - 1</c> and precedes its children.
    /// </summary>
    public int[] Parents { get; init; } = [];

    /// <summary>
    /// What each draft node was drawn from, for acceptance rules that need it; <see langword="null"/> for a draft that is certain. Of siblings the first
    /// one's counts. May be shorter than the drafts.
    /// </summary>
    public DraftLaw?[] DraftLaws { get; init; } = [];

    /// <summary>Sample and verify from row <c>KnownCount - 1</c> on; false for a prompt chunk that does not end the prompt.</summary>
    public required bool Sample { get; init; }

    /// <summary>When above 0, the block table is first cut to this many blocks.</summary>
    public int TruncateBlocks { get; init; }

    /// <summary>Blocks appended to the slot's table before the rows run.</summary>
    public int[] NewBlocks { get; init; } = [];

    /// <summary>Rows of this slot's previous step to keep, in depth order, when it verified a tree; empty for chains.</summary>
    public int[] KeepPath { get; init; } = [];

    /// <summary>Draft tokens wanted of the last shard's head for the step after this one; 0 for none, and without a head.</summary>
    public int HeadTokens { get; init; }

    /// <summary>Most children of a node of the head's draft; 0 and 1 ask for a chain.</summary>
    public int HeadWidth { get; init; }

    /// <summary>Most tokens on the way from the root of the head's draft to a leaf; 0 for no such limit.</summary>
    public int HeadDepth { get; init; }

    /// <summary>
    /// Drafts that the first shard's early exit is to append to <see cref="Tokens"/>, at most, where the row has none of its own; the blocks must be there. 0 for none.
    /// </summary>
    public int ExitTokens { get; init; }

    /// <summary>The early exit stops after a draft whose probability is below this; 0: never.</summary>
    public float ExitStop { get; init; }

    /// <summary>
    /// Candidates wanted of the first shard's early exit for every place where the verification of this row's drafts may end (<see cref="Drafting.DraftMirror"/>), at most 8; 0 for none. Only for chains.
    /// </summary>
    public int MirrorTokens { get; init; }

    /// <summary>How many of <see cref="Tokens"/>, at their end, the first shard's early exit has drafted: what the last shard reports. 0 towards the first shard.</summary>
    public int ExitDrafted { get; init; }
    /// <summary>The likeliest tokens after every verified row are wanted with the result: for drafters that learn from them.</summary>
    public bool WantsCandidates { get; init; }
}

/// <summary>What the last shard answers to a step.</summary>
public sealed class StepResult
{
    /// <summary>Epoch of the step.</summary>
    public long Epoch { get; set; }

    /// <summary>Step number.</summary>
    public long Step { get; set; }

    /// <summary>One entry per sequence of the step: those that ran in the step's order, then those that were dropped.</summary>
    public List<SequenceResult> Sequences { get; } = [];

    /// <summary>The whole step failed.</summary>
    public StepError? Error { get; set; }

    /// <summary>Time the last shard computed, in microseconds; 0 when not measured.</summary>
    public long ComputeMicros { get; set; }

    /// <summary>Time that its head took, in microseconds, a part of <see cref="ComputeMicros"/>; 0 without a head.</summary>
    public long HeadMicros { get; set; }

    /// <summary>Time that the first shard's early exit took, in microseconds; 0 without one.</summary>
    public long ExitMicros { get; set; }
}

/// <summary>One sequence's verified tokens.</summary>
public sealed class SequenceResult
{
    /// <summary>Slot.</summary>
    public required int Slot { get; init; }

    /// <summary>Accepted draft tokens, then the target's own last sample; empty when the rows were not sampled.</summary>
    public int[] Tokens { get; init; } = [];

    /// <summary>Accepted draft tokens.</summary>
    public int Accepted { get; init; }

    /// <summary>Indices into the step's tokens of the accepted draft rows, in depth order.</summary>
    public int[] Path { get; init; } = [];

    /// <summary>One entry per token when the request asked for log-probabilities; otherwise empty.</summary>
    public TokenLogprobs[] Logprobs { get; init; } = [];

    /// <summary>What the last shard's head drafts after <see cref="Tokens"/>, in the order of worth.</summary>
    public int[] HeadTokens { get; set; } = [];

    /// <summary>Parent of each of them: the index of an earlier one, or <see cref="Drafting.DraftTree.Root"/>; empty for a chain.</summary>
    public int[] HeadParents { get; set; } = [];

    /// <summary>The head's probability of each of them after its parent, 0 to 1.</summary>
    public float[] HeadConfidences { get; set; } = [];

    /// <summary>What the first shard's early exit drafted in this step, a chain, accepted or not.</summary>
    public int[] ExitDrafts { get; set; } = [];
    /// <summary>
    /// Ids of the <see cref="MostCandidates"/> largest of the model's own logits (of all there are in a smaller vocabulary) after every verified row: the last known
    /// token's, then every draft node's, row by row, the largest first. Empty when not asked for.
    /// </summary>
    public int[] Candidates { get; init; } = [];

    /// <summary>Candidates of a row.</summary>
    public const int MostCandidates = 8;

    /// <summary>Set when these rows were dropped.</summary>
    public StepError? Error { get; init; }
}

/// <summary>Log-probabilities at one position, natural log, from the unprocessed logits.</summary>
/// <param name="Logprob">Of the sampled token.</param>
/// <param name="TopIds">Most likely tokens, best first.</param>
/// <param name="TopLogprobs">Their log-probabilities.</param>
public sealed record TokenLogprobs(float Logprob, int[] TopIds, float[] TopLogprobs);

/// <summary>Why a step or a row failed.</summary>
/// <param name="Type">Stable snake_case name, listed in docs/errors.md.</param>
/// <param name="Message">One line for people.</param>
public sealed record StepError(string Type, string Message);
