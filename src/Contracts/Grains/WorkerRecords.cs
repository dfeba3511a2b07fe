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
}
