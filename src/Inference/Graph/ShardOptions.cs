using Winnow.Inference.Cache;

namespace Winnow.Inference.Graph;

/// <summary>What a shard loads and the sizes of its caches.</summary>
public sealed record ShardOptions
{
    /// <summary>First layer, inclusive.</summary>
    public int FirstLayer { get; init; }

    /// <summary>Last layer, exclusive; 0 means all.</summary>
    public int LastLayer { get; init; }

    /// <summary>Tokens per KV block, a multiple of 16 up to 256. Default 16.</summary>
    public int KvBlockTokens { get; init; } = 16;

    /// <summary>KV blocks, at least 1; block ids are 0 to this minus 1.</summary>
    public required int KvBlockCount { get; init; }

    /// <summary>Scratch KV rows after the blocks. Default 0.</summary>
    public int ScratchTokens { get; init; }

    /// <summary>Longest sequence in tokens; 0 means the model's own context. Never above it.</summary>
    public int ContextTokens { get; init; }

    /// <summary>Stored form of keys and values; part of the numerics id. Default F16.</summary>
    public KvType KvType { get; init; } = KvType.F16;

    /// <summary>Threads that compute, the caller included; 1 to 1024. With 1 no thread is started. Default 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>
    /// Binds each thread but the caller's to one processor: steadier speed where the machine has nothing else to do, slower where processes
    /// share it. Linux only. Default false.
    /// </summary>
    public bool PinThreads { get; init; }

    /// <summary>Told of every operation; costs some tens of nanoseconds for each. Default <see langword="null"/>, which costs nothing.</summary>
    public IOperationProfile? Profile { get; init; }
}
