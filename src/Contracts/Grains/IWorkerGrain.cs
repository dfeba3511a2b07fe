using Orleans;
using Orleans.Concurrency;

namespace Winnow.Contracts.Grains;

/// <summary>
/// Inventory and health of one worker. Key: worker id. Called by the silo's gRPC edge and the directory. Not reentrant.
/// Survives a restart: the incarnation counter.
/// </summary>
public interface IWorkerGrain : IGrainWithStringKey
{
    /// <summary>Records a registration; answers with the new incarnation.</summary>
    Task<long> Register(WorkerRecord worker);

    /// <summary>Records a beat; <see langword="false"/> when the incarnation is not the current one.</summary>
    Task<bool> Beat(long incarnation, long memoryUsedBytes, bool draining);

    /// <summary>The beat stream broke: suspect until the next beat or registration.</summary>
    Task StreamBroken(long incarnation);

    /// <summary>The record, or <see langword="null"/> when this worker never registered.</summary>
    Task<WorkerRecord?> Get();
}

/// <summary>
/// The list of workers. Key: 0. Called by worker grains and model grains. Not reentrant. Survives a restart: nothing, workers register again.
/// </summary>
public interface IWorkerDirectoryGrain : IGrainWithIntegerKey
{
    /// <summary>A worker's record changed.</summary>
    Task Update(WorkerRecord worker);

    /// <summary>All known workers, by id.</summary>
    Task<IReadOnlyList<WorkerRecord>> List();
}

/// <summary>
/// Owns one layer range of a replica: its worker, epoch and health. Key: <c>model/replica/index</c> (or <c>…/draft</c>).
/// Called by the model grain. Reentrant only for <see cref="GetPlacement"/> and <see cref="GetProgress"/>. Survives a restart: nothing, the
/// model grain places it again.
/// </summary>
public interface IShardGrain : IGrainWithStringKey
{
    /// <summary>Loads the shard on its worker and answers when it is ready.</summary>
    /// <exception cref="PlacementException">The worker refused it or is lost.</exception>
    [ResponseTimeout("01:00:00")]
    Task<ShardPlacement> Place(ShardAssignment assignment);

    /// <summary>Frees the shard on its worker.</summary>
    Task Release();

    /// <summary>Where it is, or <see langword="null"/>.</summary>
    [AlwaysInterleave]
    Task<ShardPlacement?> GetPlacement();

    /// <summary>Fraction loaded, 0 to 1.</summary>
    [AlwaysInterleave]
    Task<double> GetProgress();
}

/// <summary>What a shard grain is to load, and where.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.ShardAssignment")]
public sealed record ShardAssignment
{
    /// <summary>Replica id.</summary>
    [Id(0)] public required string Replica { get; init; }

    /// <summary>Fencing epoch.</summary>
    [Id(1)] public required long Epoch { get; init; }

    /// <summary>Path of a GGUF file or Hugging Face folder on the worker's machine.</summary>
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
