using Orleans;
using Orleans.Concurrency;

namespace Winnow.Contracts.Grains;

/// <summary>
/// Inventory and health of one worker. Key: worker id. Called by the silo's gRPC edge, replica grains and gateways. Not reentrant.
/// Survives a restart: the incarnation counter, and which process is to be drained.
/// </summary>
public interface IWorkerGrain : IGrainWithStringKey
{
    /// <summary>Records a registration; answers with the new incarnation.</summary>
    Task<long> Register(WorkerRecord worker);

    /// <summary>Records a beat.</summary>
    Task<BeatAnswer> Beat(WorkerBeat beat);

    /// <summary>The beat stream broke: dead when nobody listens at the worker's address any more, otherwise suspect until the next beat or registration.</summary>
    Task StreamBroken(long incarnation);

    /// <summary>Someone has reason to doubt the worker: it is dead when nobody listens at its address any more.</summary>
    Task Check();

    /// <summary>Takes what is placed on the worker elsewhere and places nothing more on it, until it registers as a new process.</summary>
    /// <returns><see langword="false"/> when it never registered or is dead.</returns>
    Task<bool> Drain();

    /// <summary>Takes a <see cref="Drain"/> back: from now on things may be placed on the worker again; what has moved stays where it is.</summary>
    /// <returns>The worker's health since, which stays <see cref="WorkerHealth.Draining"/> where its process ends by itself; <see langword="null"/> when it never registered.</returns>
    Task<WorkerHealth?> Resume();

    /// <summary>The record, or <see langword="null"/> when this worker never registered.</summary>
    Task<WorkerRecord?> Get();

    /// <summary>Forgets the worker when it has not been heard of for long; does nothing otherwise.</summary>
    Task Expire();
}

/// <summary>
/// The list of workers, and whose memory is promised to whom. Key: 0. Called by worker grains, replica grains and gateways. Not reentrant.
/// Survives a restart: nothing; workers are heard of again with their next beat, and replicas claim again.
/// </summary>
public interface IWorkerDirectoryGrain : IGrainWithIntegerKey
{
    /// <summary>A worker's record; models are told when more than its figures changed.</summary>
    Task Update(WorkerRecord worker);

    /// <summary>Takes a worker out of the list that was dead for long, unless it has registered since; models are told.</summary>
    Task Forget(string workerId, long incarnation);

    /// <summary>All known workers, by id.</summary>
    Task<IReadOnlyList<WorkerRecord>> List();

    /// <summary>
    /// Puts these claims in the place of all that a replica has; <see langword="false"/>, and nothing changes, when a worker has not so much left, or another replica has
    /// claimed something of one since it planned.
    /// </summary>
    /// <param name="replica">Who claims.</param>
    /// <param name="claims">What, an array; an empty one gives everything back.</param>
    /// <param name="seen">What others claimed of these workers when this was planned; <see langword="null"/> where it does not matter.</param>
    Task<bool> Claim(string replica, IReadOnlyList<MemoryClaim> claims, IReadOnlyList<MemoryClaim>? seen = null);
}

/// <summary>
/// One layer range of a replica, or its draft model, on one worker. Key: <c>replica/index/worker</c>.
/// Called by the replica's grain. Reentrant only for <see cref="GetProgress"/> and <see cref="GetFetch"/>. Survives a restart: nothing, the replica's grain knows what it asked for.
/// </summary>
public interface IShardGrain : IGrainWithStringKey
{
    /// <summary>Loads the shard on its worker and answers when it is ready.</summary>
    /// <exception cref="PlacementException">The worker refused it or is lost.</exception>
    [ResponseTimeout("01:00:00")]
    Task<ShardPlacement> Place(ShardAssignment assignment);

    /// <summary>Frees the shard on its worker; <see langword="false"/> when the worker did not answer.</summary>
    Task<bool> Release(HeldShard shard, long epoch);

    /// <summary>Fraction loaded, 0 to 1.</summary>
    [AlwaysInterleave]
    Task<double> GetProgress();

    /// <summary>How much of the model its worker has fetched, or <see langword="null"/> while it fetches nothing.</summary>
    [AlwaysInterleave]
    Task<FetchState?> GetFetch();
}

/// <summary>What a shard grain is to load, and where.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.ShardAssignment")]
public sealed record ShardAssignment
{
    /// <summary>Replica id.</summary>
    [Id(0)] public required string Replica { get; init; }

    /// <summary>Fencing epoch.</summary>
    [Id(1)] public required long Epoch { get; init; }

    /// <summary>Path of a GGUF file or Hugging Face folder on the worker's machine, or a URL.</summary>
    [Id(2)] public required string ModelPath { get; init; }

    /// <summary>Position in the pipeline.</summary>
    [Id(3)] public required int Index { get; init; }

    /// <summary>Shards in the pipeline.</summary>
    [Id(4)] public required int Count { get; init; }

    /// <summary>First layer, inclusive.</summary>
    [Id(5)] public required int FirstLayer { get; init; }

    /// <summary>Last layer, exclusive.</summary>
    [Id(6)] public required int LastLayer { get; init; }

    /// <summary>A whole draft model.</summary>
    [Id(7)] public required bool Draft { get; init; }

    /// <summary>Tokens per KV block.</summary>
    [Id(8)] public required int KvBlockTokens { get; init; }

    /// <summary>KV blocks.</summary>
    [Id(9)] public required int KvBlocks { get; init; }

    /// <summary>Scratch rows for tree nodes.</summary>
    [Id(10)] public required int ScratchTokens { get; init; }

    /// <summary>Longest sequence in tokens.</summary>
    [Id(11)] public required int ContextTokens { get; init; }

    /// <summary>The worker to load it on.</summary>
    [Id(12)] public required WorkerRecord Worker { get; init; }

    /// <summary>gRPC address of the next shard, empty at the last one.</summary>
    [Id(13)] public required string NextAddress { get; init; }

    /// <summary>The target's file for a draft model, which may have to translate for it; empty for a shard.</summary>
    [Id(14)] public string TargetPath { get; init; } = "";

    /// <summary>The file of the target's trained head for the last shard; empty for none.</summary>
    [Id(15)] public string HeadPath { get; init; } = "";

    /// <summary>The file of the target's early exit for the first shard; empty for none.</summary>
    [Id(16)] public string ExitPath { get; init; } = "";

    /// <summary>The file of the draft model's stop head; empty for none.</summary>
    [Id(17)] public string StopHeadPath { get; init; } = "";
}

/// <summary>A shard that a worker holds, or may hold.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.HeldShard")]
public sealed record HeldShard
{
    /// <summary>Id under which the worker holds it.</summary>
    [Id(0)] public required string Replica { get; init; }

    /// <summary>Position in the pipeline; 0 for a draft model.</summary>
    [Id(1)] public required int Index { get; init; }

    /// <summary>The worker.</summary>
    [Id(2)] public required string WorkerId { get; init; }

    /// <summary>The worker's <see cref="WorkerRecord.Instance"/>: another one holds nothing.</summary>
    [Id(3)] public required string Instance { get; init; }

    /// <summary>gRPC address of the worker.</summary>
    [Id(4)] public required string Address { get; init; }
}
