using Orleans;

namespace Winnow.Contracts.Grains;

/// <summary>What the operator wants served: one model with its optional draft model.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.ModelDefinition")]
public sealed record ModelDefinition
{
    /// <summary>Name clients use in the <c>model</c> field.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>Path of the target's GGUF file or Hugging Face folder, readable by workers and gateways, or a URL.</summary>
    [Id(1)] public required string ModelPath { get; init; }

    /// <summary>Path or URL of the draft model's GGUF file or Hugging Face folder, or <see langword="null"/> to serve without a draft model.</summary>
    [Id(2)] public string? DraftPath { get; init; }

    /// <summary>Number of pipeline shards the target is cut into, at least 1.</summary>
    [Id(3)] public int Shards { get; init; } = 1;

    /// <summary>Longest sequence in tokens, or 0 for the model's own limit.</summary>
    [Id(4)] public int ContextTokens { get; init; }

    /// <summary>Tokens per KV block, 16 or 32.</summary>
    [Id(5)] public int KvBlockTokens { get; init; } = 16;

    /// <summary>Logical KV blocks of the replica, or 0 to size them from the context and <see cref="MaxSequences"/>.</summary>
    [Id(6)] public int KvBlocks { get; init; }

    /// <summary>Sequences that run at once.</summary>
    [Id(7)] public int MaxSequences { get; init; } = 32;

    /// <summary>Path of the GGUF file of a trained head of the target, or <see langword="null"/> for none.</summary>
    [Id(8)] public string? HeadPath { get; init; }

    /// <summary>Path of the GGUF file of an early exit of the target, or <see langword="null"/> for none.</summary>
    [Id(9)] public string? ExitPath { get; init; }

    /// <summary>Path of the GGUF file of the draft model's stop head, or <see langword="null"/> for none.</summary>
    [Id(10)] public string? StopHeadPath { get; init; }

    /// <summary>Running copies of the model, at least 1; each has its own coordinator.</summary>
    [Id(11)] public int Replicas { get; init; } = 1;
}

/// <summary>Where one shard of a replica runs.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.ShardPlacement")]
public sealed record ShardPlacement
{
    /// <summary>Position in the pipeline, 0 first.</summary>
    [Id(0)] public required int Index { get; init; }

    /// <summary>First layer, inclusive.</summary>
    [Id(1)] public required int FirstLayer { get; init; }

    /// <summary>Last layer, exclusive.</summary>
    [Id(2)] public required int LastLayer { get; init; }

    /// <summary>Id of the worker that hosts the shard.</summary>
    [Id(3)] public required string WorkerId { get; init; }

    /// <summary>gRPC address of that worker, for example <c>http://127.0.0.1:5101</c>.</summary>
    [Id(4)] public required string Address { get; init; }

    /// <summary>Process id of that worker, for people and tests.</summary>
    [Id(5)] public int ProcessId { get; init; }

    /// <summary>Numerics id (backend, kernel version, model hash, KV type) the worker reported.</summary>
    [Id(6)] public string Numerics { get; init; } = "";

    /// <summary>The worker's <see cref="WorkerRecord.Instance"/>: another one under the same id does not hold the shard.</summary>
    [Id(7)] public string Instance { get; init; } = "";
}

/// <summary>A running copy of a model: its shards, its draft worker and the epoch that fences them.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.ReplicaPlacement")]
public sealed record ReplicaPlacement
{
    /// <summary>Under this id workers hold the shards: <c>model/0</c>, and for later cuts of the same replica <c>model/0@1</c> and so on.</summary>
    [Id(0)] public required string Replica { get; init; }

    /// <summary>Fencing epoch of this placement; workers refuse messages with an older one.</summary>
    [Id(1)] public required long Epoch { get; init; }

    /// <summary>What is served: without the head, early exit or stop head that could not be used.</summary>
    [Id(2)] public required ModelDefinition Model { get; init; }

    /// <summary>Pipeline shards in order.</summary>
    [Id(3)] public required IReadOnlyList<ShardPlacement> Shards { get; init; }

    /// <summary>The draft worker, or <see langword="null"/>.</summary>
    [Id(4)] public ShardPlacement? Draft { get; init; }

    /// <summary>Logical KV blocks loaded on every shard.</summary>
    [Id(5)] public int KvBlocks { get; init; }

    /// <summary>Longest sequence in tokens.</summary>
    [Id(6)] public int ContextTokens { get; init; }

    /// <summary>Scratch rows for tree nodes on every shard.</summary>
    [Id(7)] public int ScratchTokens { get; init; }

    /// <summary>Under this id a draft worker holds the draft model, <c>model/0/draft</c>.</summary>
    [Id(8)] public string DraftReplica { get; init; } = "";
}

/// <summary>How far a model is on its way to serving.</summary>
public enum ModelPhase
{
    /// <summary>Waiting for enough registered workers.</summary>
    WaitingForWorkers,

    /// <summary>Workers are loading their shards.</summary>
    Loading,

    /// <summary>Ready to serve.</summary>
    Ready,

    /// <summary>Cannot be served; the detail says why.</summary>
    Failed,

    /// <summary>On its way out: takes no new requests, and is forgotten when the running ones have ended.</summary>
    Unloading,
}

/// <summary>A model's state for gateways and operators.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.ModelStatus")]
public sealed record ModelStatus
{
    /// <summary>Model name.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>Phase.</summary>
    [Id(1)] public required ModelPhase Phase { get; init; }

    /// <summary>One line for people: what is awaited, or what failed and what to do.</summary>
    [Id(2)] public required string Detail { get; init; }

    /// <summary>Fraction loaded, 0 to 1.</summary>
    [Id(3)] public double Progress { get; init; }

    /// <summary>The placement of the first replica that is <see cref="ModelPhase.Ready"/>.</summary>
    [Id(4)] public ReplicaPlacement? Placement { get; init; }

    /// <summary>Every replica, in the order of their numbers.</summary>
    [Id(5)] public IReadOnlyList<ReplicaStatus> Replicas { get; init; } = [];

    /// <summary>What is wanted, or <see langword="null"/> when nothing is.</summary>
    [Id(6)] public ModelDefinition? Definition { get; init; }

    /// <summary>In phase <see cref="ModelPhase.Unloading"/>: whether running requests may end first.</summary>
    [Id(7)] public bool FinishesRequests { get; init; }
}

/// <summary>A replica's state.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.ReplicaStatus")]
public sealed record ReplicaStatus
{
    /// <summary>Number of the replica within its model, 0 first.</summary>
    [Id(0)] public required int Index { get; init; }

    /// <summary>Phase.</summary>
    [Id(1)] public required ModelPhase Phase { get; init; }

    /// <summary>One line for people.</summary>
    [Id(2)] public required string Detail { get; init; }

    /// <summary>Fraction loaded of what is being loaded, 0 to 1; 1 when nothing is.</summary>
    [Id(3)] public double Progress { get; init; }

    /// <summary>The placement once <see cref="ModelPhase.Ready"/>.</summary>
    [Id(4)] public ReplicaPlacement? Placement { get; init; }

    /// <summary>The gateway that coordinates it, empty when none does.</summary>
    [Id(5)] public string Holder { get; init; } = "";

    /// <summary>Address of that gateway.</summary>
    [Id(6)] public string HolderAddress { get; init; } = "";
}

/// <summary>The right to coordinate a replica until <see cref="ExpiresAt"/>.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.CoordinatorLease")]
public sealed record CoordinatorLease
{
    /// <summary>Whether the caller holds the lease.</summary>
    [Id(0)] public required bool Granted { get; init; }

    /// <summary>Gateway id of the holder.</summary>
    [Id(1)] public required string Holder { get; init; }

    /// <summary>Address of the holder's gateway.</summary>
    [Id(2)] public required string HolderAddress { get; init; }

    /// <summary>Fencing epoch: raised whenever the holder or the placement changes.</summary>
    [Id(3)] public required long Epoch { get; init; }

    /// <summary>When the lease ends unless renewed.</summary>
    [Id(4)] public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Placement that goes with <see cref="Epoch"/>.</summary>
    [Id(5)] public ReplicaPlacement? Placement { get; init; }

    /// <summary>The holder took it from a gateway that had not given it back, whose clients wait.</summary>
    [Id(6)] public bool IsTakeover { get; init; }
}
