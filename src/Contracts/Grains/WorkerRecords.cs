using Orleans;

namespace Winnow.Contracts.Grains;

/// <summary>What a worker may host.</summary>
[Flags]
public enum WorkerRoles
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Shards of target models.</summary>
    Target = 1,

    /// <summary>Draft models.</summary>
    Draft = 2,
}

/// <summary>How a worker is doing, from its beats.</summary>
public enum WorkerHealth
{
    /// <summary>Beating.</summary>
    Alive,

    /// <summary>Beats are missing or its stream broke.</summary>
    Suspect,

    /// <summary>Lost: its shards must be placed elsewhere.</summary>
    Dead,

    /// <summary>Leaving on purpose.</summary>
    Draining,
}

/// <summary>One worker's inventory and health.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.WorkerRecord")]
public sealed record WorkerRecord
{
    /// <summary>Worker id, the grain key.</summary>
    [Id(0)] public required string WorkerId { get; init; }

    /// <summary>gRPC address.</summary>
    [Id(1)] public required string Address { get; init; }

    /// <summary>What it may host.</summary>
    [Id(2)] public required WorkerRoles Roles { get; init; }

    /// <summary>Device for people.</summary>
    [Id(3)] public required string Device { get; init; }

    /// <summary>Memory budget in bytes.</summary>
    [Id(4)] public required long MemoryBytes { get; init; }

    /// <summary>Process id on its machine.</summary>
    [Id(5)] public required int ProcessId { get; init; }

    /// <summary>Backend and kernel version, part of the numerics id.</summary>
    [Id(6)] public required string Backend { get; init; }

    /// <summary>Raised by every registration; older beats are refused.</summary>
    [Id(7)] public required long Incarnation { get; init; }

    /// <summary>Health.</summary>
    [Id(8)] public required WorkerHealth Health { get; init; }

    /// <summary>When the last beat came.</summary>
    [Id(9)] public required DateTimeOffset LastBeat { get; init; }

    /// <summary>Stored form of keys and values, by its option name.</summary>
    [Id(10)] public string KvType { get; init; } = "f16";

    /// <summary>What a copy within its device's memory reads and writes, in bytes per second; 0 where that was not measured.</summary>
    [Id(11)] public double CopyBytesPerSecond { get; init; }

    /// <summary>Made anew by every process: tells a restarted worker, which has lost its shards, from one that registers again and still has them.</summary>
    [Id(12)] public string Instance { get; init; } = "";

    /// <summary>How fast the processor's threads read weights, in bytes per second; 0 where that was not measured.</summary>
    [Id(13)] public double WeightBytesPerSecond { get; init; }

    /// <summary>Bytes in use, as its last beat said.</summary>
    [Id(14)] public long MemoryUsedBytes { get; init; }

    /// <summary>What it measured to other workers.</summary>
    [Id(15)] public IReadOnlyList<LinkLatency> Links { get; init; } = [];

    /// <summary>Memory promised to replicas; filled in by the directory.</summary>
    [Id(16)] public IReadOnlyList<MemoryClaim> Claims { get; init; } = [];

    /// <summary>Devices of the worker that share every layer: embeddings, vectors and routers are on each.</summary>
    [Id(17)] public int Devices { get; init; } = 1;

    /// <summary>What it holds, as its last beat said; <see langword="null"/> before it was told.</summary>
    [Id(18)] public IReadOnlyList<ReportedShard>? Shards { get; init; }
}

/// <summary>A shard or draft model that a worker says it holds.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.ReportedShard")]
public sealed record ReportedShard
{
    /// <summary>Id under which it holds it.</summary>
    [Id(0)] public required string Replica { get; init; }

    /// <summary>Position in the pipeline; 0 for a draft model.</summary>
    [Id(1)] public required int Index { get; init; }
}

/// <summary>The way from one worker to another.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.LinkLatency")]
public sealed record LinkLatency
{
    /// <summary>gRPC address of the other.</summary>
    [Id(0)] public required string Address { get; init; }

    /// <summary>Round trip of a small call in seconds.</summary>
    [Id(1)] public required double Seconds { get; init; }
}

/// <summary>Memory of a worker that a replica's plan counts on.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.MemoryClaim")]
public sealed record MemoryClaim
{
    /// <summary>The worker.</summary>
    [Id(0)] public required string WorkerId { get; init; }

    /// <summary>Who claims it: a replica's id, <c>model/0</c>.</summary>
    [Id(1)] public required string Replica { get; init; }

    /// <summary>Weights, KV cache and scratch.</summary>
    [Id(2)] public required long Bytes { get; init; }
}

/// <summary>What a worker says with every beat.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.WorkerBeat")]
public sealed record WorkerBeat
{
    /// <summary>Incarnation that its registration was given.</summary>
    [Id(0)] public required long Incarnation { get; init; }

    /// <summary>Bytes in use.</summary>
    [Id(1)] public long MemoryUsedBytes { get; init; }

    /// <summary>The worker is about to stop.</summary>
    [Id(2)] public bool Draining { get; init; }

    /// <summary>What it measured to other workers.</summary>
    [Id(3)] public IReadOnlyList<LinkLatency> Links { get; init; } = [];

    /// <summary>What it holds, an array.</summary>
    [Id(4)] public IReadOnlyList<ReportedShard>? Shards { get; init; }
}

/// <summary>What a worker is told for a beat.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.BeatAnswer")]
public sealed record BeatAnswer
{
    /// <summary>Whether the incarnation is the current one; otherwise the worker is to register again.</summary>
    [Id(0)] public required bool IsKnown { get; init; }

    /// <summary>gRPC addresses of workers to measure the way to.</summary>
    [Id(1)] public IReadOnlyList<string> Peers { get; init; } = [];
}
