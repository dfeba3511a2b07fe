using System.Threading.Channels;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using Winnow.Inference.Graph;

namespace Winnow.Gateway.Coordination;

/// <summary>
/// The target model's shards as the coordinator sees them: steps go in, results come out in step order.
/// One implementation speaks gRPC to worker processes, one runs shards in this process.
/// </summary>
public interface ITargetPipeline : IAsyncDisposable
{
    /// <summary>Sizes the coordinator plans with.</summary>
    PipelineShape Shape { get; }

    /// <summary>Results in step order. Completed with an exception when the pipeline breaks.</summary>
    ChannelReader<StepResult> Results { get; }

    /// <summary>
    /// Says where goes what the first shard's early exit expects of rows that asked (<see cref="SequenceRows.MirrorTokens"/>), by slot; any thread may call it. A pipeline
    /// without an exit need not know of it.
    /// </summary>
    void OnMirrors(Action<IReadOnlyList<DraftMirror>> receive)
    {
    }

    /// <summary>Sends a step to the first shard; returns when it is handed over, not when it has run.</summary>
    ValueTask SendAsync(StepBatch batch, CancellationToken cancellation);
}

/// <summary>Sizes of a loaded replica.</summary>
public sealed record PipelineShape
{
    /// <summary>Fencing epoch to put on every step.</summary>
    public required long Epoch { get; init; }

    /// <summary>Shards in the pipeline: this many steps may usefully be in flight.</summary>
    public required int Shards { get; init; }

    /// <summary>Tokens per KV block.</summary>
    public required int BlockTokens { get; init; }

    /// <summary>KV blocks.</summary>
    public required int BlockCount { get; init; }

    /// <summary>Rows for draft nodes that are off their sequence's main chain, shared by all sequences; 0 where only chains can run.</summary>
    public int ScratchTokens { get; init; }

    /// <summary>Longest sequence in tokens.</summary>
    public required int ContextTokens { get; init; }

    /// <summary>Tokens in the vocabulary.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>The last shard has a trained head, which drafts when a step asks it.</summary>
    public bool HasHead { get; init; }

    /// <summary>The first shard has an early exit, which drafts within a step that asks it.</summary>
    public bool HasExit { get; init; }

    /// <summary>Numerics ids of the shards, for <c>system_fingerprint</c>.</summary>
    public required IReadOnlyList<string> Numerics { get; init; }

    /// <summary>Names the content of the model; empty when it is not known.</summary>
    public string Content => Numerics.Count == 0 ? "" : ShardNumerics.ContentOf(Numerics[^1]);

    /// <summary>Process ids of the shards' hosts, in shard order.</summary>
    public required IReadOnlyList<int> ProcessIds { get; init; }
}

/// <summary>A drafter that keeps its own state, here or on a draft worker.</summary>
public interface IDraftClient : IAsyncDisposable
{
    /// <summary>
    /// Asks for proposals for a batch of sequences, and waits for them for as long as they take: the coordinator keeps the time, and its steps go without drafts that are late.
    /// Answers with an empty list when the drafter is gone.
    /// </summary>
    /// <param name="queries">One per sequence that wants drafts.</param>
    /// <param name="closes">Sequences that ended since the last call.</param>
    /// <param name="cancellation">Ends the wait: nobody wants the answer any more.</param>
    ValueTask<IReadOnlyList<DraftProposal>> ProposeAsync(IReadOnlyList<DraftQuery> queries, IReadOnlyList<long> closes, CancellationToken cancellation);

    /// <summary>
    /// Says where branches go that the drafter prepares ahead (<see cref="DraftQuery.AheadTokens"/>), with the time they took; any thread may call it. A drafter that
    /// prepares nothing need not know of it.
    /// </summary>
    void OnBranches(Action<IReadOnlyList<DraftBranch>, TimeSpan> receive)
    {
    }

    /// <summary>Tells likely corrections of what is being verified, for branches drafted ahead; nothing is answered. A drafter that prepares nothing need not know of them.</summary>
    void Mirror(IReadOnlyList<DraftMirror> mirrors)
    {
    }
}
