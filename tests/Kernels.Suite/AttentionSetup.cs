using Winnow.GpuWorker.Kernels;
using Winnow.Inference.Cache;

namespace Winnow.Kernels.Suite;

/// <summary>Sizes of an attention test.</summary>
public sealed record AttentionSetup
{
    /// <summary>H.</summary>
    public int Heads { get; init; } = 2;

    /// <summary>G.</summary>
    public int KvHeads { get; init; } = 1;

    /// <summary>D.</summary>
    public int HeadSize { get; init; } = 32;

    /// <summary>Stored form.</summary>
    public KvType Type { get; init; } = KvType.F16;

    /// <summary>S.</summary>
    public int BlockTokens { get; init; } = 16;

    /// <summary>Blocks of the cache.</summary>
    public int Blocks { get; init; } = 48;

    /// <summary>Scratch rows, not a whole number of tiles.</summary>
    public int Scratch { get; init; } = 41;

    /// <summary>Window; 0 for none.</summary>
    public int Window { get; init; }

    /// <summary>Soft cap; 0 for none.</summary>
    public float SoftCap { get; init; }

    /// <summary>Factor on scores.</summary>
    public float Scale { get; init; } = 0.2f;

    /// <summary>Room for partial results.</summary>
    public int Partials { get; init; } = 512;

    /// <summary>What the kernels are made of; null for the device's choice.</summary>
    internal KernelVariant? Variant { get; init; }

    /// <summary>Threads of a group; 0 for the device's choice.</summary>
    public int Threads { get; init; }
}
