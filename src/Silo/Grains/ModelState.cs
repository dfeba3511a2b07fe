using Orleans;
using Winnow.Contracts.Grains;

namespace Winnow.Silo.Grains;

/// <summary>What of a model survives a restart.</summary>
[GenerateSerializer, Alias("Winnow.ModelState")]
public sealed record ModelState
{
    /// <summary>Version of this record.</summary>
    [Id(0)] public int Version { get; set; } = 1;

    /// <summary>What is served, or <see langword="null"/> before the model is defined.</summary>
    [Id(1)] public ModelDefinition? Definition { get; set; }

    /// <summary>Replicas that were asked to serve and have not been retired since.</summary>
    [Id(3)] public int Replicas { get; set; }
}
