using Winnow.Contracts.Grains;

namespace Winnow.Silo.Placement;

/// <summary>What the parts of a replica's grain share.</summary>
internal sealed record ReplicaContext
{
    /// <summary>Key of the replica, <c>model/0</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Durable state.</summary>
    public required ReplicaStore Store { get; init; }

    /// <summary>Loads and frees.</summary>
    public required ReplicaPlacer Placer { get; init; }

    /// <summary>Plans.</summary>
    public required PlanSource Plans { get; init; }

    /// <summary>The workers as of the last tick.</summary>
    public required WorkerView Workers { get; init; }

    /// <summary>What they report that they hold.</summary>
    public required ShardReports Reports { get; init; }

    /// <summary>Whose memory is promised to whom.</summary>
    public required IWorkerDirectoryGrain Directory { get; init; }

    /// <summary>Options.</summary>
    public required SiloOptions Options { get; init; }

    /// <summary>Clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Log.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>Asks for a tick now.</summary>
    public required Action Wake { get; init; }

    /// <summary>Name of the model, for metrics.</summary>
    public string Model => Key[..Key.LastIndexOf('/')];
}
