using Winnow.Cli.Links;
using Winnow.Gateway.Coordination;
using Winnow.GpuWorker.Devices;
using Winnow.Inference.Cache;
using Winnow.Inference.Drafting.FromTokens;

namespace Winnow.Cli.Engine;

/// <summary>Which models a command runs, and where.</summary>
internal sealed record EngineOptions
{
    /// <summary>Path of the target's GGUF file or Hugging Face folder.</summary>
    public required string ModelPath { get; init; }

    /// <summary>Path of the draft's GGUF file or Hugging Face folder, or <see langword="null"/>.</summary>
    public string? DraftPath { get; init; }

    /// <summary>Path of the GGUF file of the target's trained head, or <see langword="null"/>.</summary>
    public string? HeadPath { get; init; }

    /// <summary>Path of the GGUF file of the target's early exit, or <see langword="null"/>.</summary>
    public string? ExitPath { get; init; }

    /// <summary>Path of the GGUF file of the draft's stop head, or <see langword="null"/>.</summary>
    public string? StopHeadPath { get; init; }

    /// <summary>The chance of a refusal above which the draft model stops a chain, or <see langword="null"/> for the coordinator's own.</summary>
    public double? StopThreshold { get; init; }

    /// <summary>Pipeline shards of the target.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>Worker processes, or everything in this one.</summary>
    public bool InProcess { get; init; } = true;

    /// <summary>Threads per shard and draft model; 0 takes the cores.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Devices that the workers take in turn; where everything is in this process the first one, or where ids are forced, the shards in turn. Empty: what
    /// workers choose, here the processor.
    /// </summary>
    public IReadOnlyList<DeviceSelection> Devices { get; init; } = [];

    /// <summary>Stored form of keys and values.</summary>
    public KvType KvType { get; init; } = KvType.F16;

    /// <summary>Part of the KV blocks to have that <see cref="MaxSequences"/> sequences of the longest length need; above 0, at most 1.</summary>
    public double KvShare { get; init; } = 1;

    /// <summary>A drafter besides those that come with Winnow, or <see langword="null"/>; in this process only.</summary>
    public ITokenDrafter? Drafter { get; init; }

    /// <summary>Draft tokens that are asked for, one after another: in this process a coordinator allows as many, if more than by default.</summary>
    public int LongestDraft { get; init; }

    /// <summary>Sequences that run at once.</summary>
    public int MaxSequences { get; init; } = 32;

    /// <summary>
    /// In this process costs are timed before the first request (<see cref="CoordinatorOptions.CalibrationTime"/>); without it a command that answers once begins at once.
    /// </summary>
    public bool Calibrates { get; init; }

    /// <summary>What the links to every worker are like, or <see langword="null"/> for the machine's own.</summary>
    public LinkOptions? Links { get; init; }
}
