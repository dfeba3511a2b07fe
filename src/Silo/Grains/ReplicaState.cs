using Orleans;
using Winnow.Contracts.Grains;

namespace Winnow.Silo.Grains;

/// <summary>
/// What of a replica survives a restart: what is wanted, the epoch that fences whoever served it before, and where it is served, so that workers
/// and gateways that live on need not stop.
/// </summary>
[GenerateSerializer, Alias("Winnow.ReplicaState")]
public sealed record ReplicaState
{
    /// <summary>Version of this record.</summary>
    [Id(0)] public int Version { get; set; } = 1;

    /// <summary>What is served, or <see langword="null"/> before the replica is defined.</summary>
    [Id(1)] public ModelDefinition? Definition { get; set; }

    /// <summary>Last epoch given out.</summary>
    [Id(2)] public long Epoch { get; set; }

    /// <summary>How often the layers have been cut anew: part of the id under which workers hold them.</summary>
    [Id(3)] public int Cut { get; set; }

    /// <summary>Where the shards are, or <see langword="null"/>; its draft model is <see cref="Draft"/>.</summary>
    [Id(4)] public ReplicaPlacement? Placement { get; set; }

    /// <summary>The definition that <see cref="Placement"/> was made for.</summary>
    [Id(5)] public ModelDefinition? PlacedFor { get; set; }

    /// <summary>Every shard and draft model that a worker was asked to load and not seen to free since.</summary>
    [Id(6)] public List<HeldShard> Held { get; set; } = [];

    /// <summary>Memory that the shards of <see cref="Placement"/> take.</summary>
    [Id(7)] public List<MemoryClaim> Claims { get; set; } = [];

    /// <summary>Memory that the draft model takes.</summary>
    [Id(8)] public List<MemoryClaim> DraftClaims { get; set; } = [];

    /// <summary>Gateway that coordinates the replica, empty for none.</summary>
    [Id(9)] public string Holder { get; set; } = "";

    /// <summary>Address of that gateway.</summary>
    [Id(10)] public string HolderAddress { get; set; } = "";

    /// <summary>Socket of that gateway, empty when it is not known.</summary>
    [Id(13)] public string HolderSocket { get; set; } = "";

    /// <summary>Where the draft model is, or <see langword="null"/>.</summary>
    [Id(11)] public ShardPlacement? Draft { get; set; }

    /// <summary>The definition that <see cref="Draft"/> was made for.</summary>
    [Id(12)] public ModelDefinition? DraftFor { get; set; }
}
