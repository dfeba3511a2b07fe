using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Coordination;

/// <summary>Limits of a running batch; the same for every model this gateway coordinates.</summary>
public sealed class CoordinatorOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Coordinator";

    /// <summary>
    /// Sequences that run at once. More raise throughput and lower each one's speed; each needs KV blocks. Default 32, 1 to 4096.
    /// </summary>
    public int MaxSequences { get; set; } = 32;

    /// <summary>
    /// Rows of one step: decodes, their drafts and prompt chunks together. Bounds a step's time and the shards' scratch memory.
    /// At least <see cref="MaxSequences"/>. Default 512, 1 to 65536.
    /// </summary>
    public int MaxStepTokens { get; set; } = 512;

    /// <summary>
    /// Longest prompt chunk of one sequence in one step. Smaller chunks disturb running sequences less, larger ones finish a prompt
    /// sooner. At most <see cref="MaxStepTokens"/>. Default 256, 1 to 65536.
    /// </summary>
    public int PrefillChunkTokens { get; set; } = 256;

    /// <summary>
    /// Who drafts for requests that do not say: `auto`, `none`, `draft_model`, `prompt_lookup`, `suffix`, `token_recycling`, `adaptive_ngram`, `eagle3`, `kangaroo` or
    /// `forced`. Changes speed, never tokens. Default auto: learned for each request.
    /// </summary>
    public string Drafter { get; set; } = DrafterNames.Auto;

    /// <summary>The same for single models, by name: `Coordinator:ModelDrafters:NAME` is a drafter. Default none.</summary>
    public IDictionary<string, string> ModelDrafters { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Longest chain of draft tokens of one sequence in one step, and depth of the deepest draft tree; 0 turns speculation off. Default 8, 0 to 16.</summary>
    public int MaxDraftTokens { get; set; } = 8;

    /// <summary>
    /// Most nodes of the draft tree of one sequence in one step; below 4 every request that does not ask for a tree gets chains. A node costs a row of the step; how many
    /// pay is measured. Default 64, 0 to 64.
    /// </summary>
    public int MaxTreeNodes { get; set; } = 64;

    /// <summary>Draft tokens of an adaptive sequence until costs have been measured; cut to <see cref="MaxDraftTokens"/>. Default 4, 0 to 16.</summary>
    public int InitialDraftTokens { get; set; } = 4;

    /// <summary>
    /// Fewest steps after which a sequence whose draft length fell to 0 drafts <see cref="InitialDraftTokens"/> again, to see whether that has changed; such probes take
    /// at most a hundredth of the time. Default 16, 1 to 10000.
    /// </summary>
    public int DraftProbeSteps { get; set; } = 16;

    /// <summary>
    /// The draft model ends a chain after the token at which the chance that some of it is refused exceeds this (SpecDec++'s h), by its stop head or its table, and
    /// `draft_tokens` of a request is then the most, not the number. 0: adaptive chains end where a further draft is not worth its measured cost. Default 0, 0 to 1.
    /// </summary>
    public double StopThreshold { get; set; }

    /// <summary>
    /// The first shard's early exit stops after a draft token of less than this probability; 0: never. Higher drafts less and keeps more of it. Default 0.6, 0 to 1.
    /// </summary>
    public float ExitConfidence { get; set; } = 0.6f;

    /// <summary>
    /// Tokens at each place of a verification that the first shard's early exit tells the draft model to prepare for while later shards still run (Mirror-SD). It costs the head's product
    /// for every verified row on the first shard, and pays where what follows takes longer than the way to the draft model and its branches. Default 0: none; 0 to 8.
    /// </summary>
    public int MirrorCandidates { get; set; }

    /// <summary>
    /// Most time for which steps and rounds of the draft model are timed on a replica before the first request, so that draft lengths begin with measured costs; 0: costs are learned while
    /// serving. Sequences that wait for another replica are never held up by it. Default 1 s, 0 to 1 minute.
    /// </summary>
    public TimeSpan CalibrationTime { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a step waits for its drafts before it goes without. Default 0.5 s, 1 ms to 1 minute.</summary>
    public TimeSpan DraftDeadline { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Whether the draft model drafts for the likely outcomes of a step while the target computes it: `auto`, `on` or `off`. It hides the way to a draft worker and
    /// takes the worker's time; where that runs on the target's cores it may cost more than it saves. Default auto: while it pays, as measured.
    /// </summary>
    public DraftAheadMode DraftAhead { get; set; } = DraftAheadMode.Auto;

    /// <summary>Requests that wait for a place; one more is refused as <c>overloaded</c>. Default 256, 1 to 100000.</summary>
    public int MaxQueue { get; set; } = 256;

    /// <summary>
    /// Steps in flight at once, so that no shard waits; 0 means one per shard, and more where links take most of a step's time. Default 0, 0 to 64.
    /// </summary>
    public int MaxStepsInFlight { get; set; }

    /// <summary>
    /// Fewest sequences for which the batch is split once more into steps that follow each other through the shards. Default 2, 1 to 4096.
    /// </summary>
    public int MinStepSequences { get; set; } = 2;

    /// <summary>
    /// Results a client may leave unread before its sequence is held back; the batch never waits for a slow client. Default 512, 1 to 65536.
    /// </summary>
    public int OutputBuffer { get; set; } = 512;

    /// <summary>How often a sequence whose step failed is tried again before it fails with <c>internal_error</c>. Default 3, 0 to 100.</summary>
    public int MaxRetries { get; set; } = 3;

    /// <summary>How long sequences wait for a broken replica to come back before they fail with <c>unavailable</c>. Default 60 s, 1 ms to 1 hour.</summary>
    public TimeSpan RecoveryTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Tokens after which a running session is checkpointed. Default 32, 1 to 65536.</summary>
    public int CheckpointTokens { get; set; } = 32;

    /// <summary>Time after which a running session with new tokens is checkpointed. Default 1 s, 1 ms to 1 minute.</summary>
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromSeconds(1);
}
