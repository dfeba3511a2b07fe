using Winnow.Inference.Cache;
using Winnow.Inference.Files;

namespace Winnow.Gateway.Coordination.Local;

/// <summary>What to load into this process, and how large its caches are.</summary>
public sealed record LocalReplicaOptions
{
    /// <summary>The target's GGUF file or Hugging Face folder.</summary>
    public required string ModelPath { get; init; }

    /// <summary>The draft model's GGUF file or Hugging Face folder, or <see langword="null"/> for none.</summary>
    public string? DraftPath { get; init; }

    /// <summary>The GGUF file of a trained head of the target, or <see langword="null"/> for none.</summary>
    public string? HeadPath { get; init; }

    /// <summary>The GGUF file of an early exit of the target, or <see langword="null"/> for none.</summary>
    public string? ExitPath { get; init; }

    /// <summary>The GGUF file of a stop head of the draft model, or <see langword="null"/> for none.</summary>
    public string? StopHeadPath { get; init; }

    /// <summary>Opens models by those paths. Default: files of this machine.</summary>
    public Func<string, ModelFile> OpenModel { get; init; } = static path => ModelFile.Open(path);

    /// <summary>Shards to cut the target into, 1 to its number of layers. Default 1.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>Tokens per KV block. Default 16.</summary>
    public int KvBlockTokens { get; init; } = 16;

    /// <summary>
    /// KV blocks; 0 means enough for <see cref="MaxSequences"/> sequences of the longest length, within a quarter of the machine's memory.
    /// </summary>
    public int KvBlocks { get; init; }

    /// <summary>
    /// Part of those blocks to have, of the target's and of the draft's: what does not find room waits, or is paused and goes on later. Above 0, at most 1. Default 1.
    /// </summary>
    public double KvShare { get; init; } = 1;

    /// <summary>Longest sequence in tokens; 0 means the model's own context.</summary>
    public int ContextTokens { get; init; }

    /// <summary>Sequences to size the cache for. Default 32.</summary>
    public int MaxSequences { get; init; } = 32;

    /// <summary>Threads that compute, shared out over the shards; 0 means one per processor.</summary>
    public int Threads { get; init; }

    /// <summary>Stored form of keys and values. Default F16.</summary>
    public KvType KvType { get; init; } = KvType.F16;
}
