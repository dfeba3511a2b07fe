namespace Winnow.Inference.Graph;

/// <summary>What a shard holds and the sizes it works with.</summary>
public sealed record ShardSpec
{
    private const int KvTileTokens = 16;
    private const int MaxBlockTokens = 256;
    private const int MaxScratchTokens = 1 << 20;
    private const int MaxThreads = 1024;

    /// <summary>First layer, inclusive.</summary>
    public required int FirstLayer { get; init; }

    /// <summary>Last layer, exclusive.</summary>
    public required int LastLayer { get; init; }

    /// <summary>Layers of the whole model.</summary>
    public required int ModelLayers { get; init; }

    /// <summary>Embeds tokens (the first shard).</summary>
    public bool HasEmbedding => FirstLayer == 0;

    /// <summary>Computes logits (the last shard).</summary>
    public bool HasHead => LastLayer == ModelLayers;

    /// <summary>C: width of a hidden state.</summary>
    public required int ModelSize { get; init; }

    /// <summary>V: tokens in the vocabulary.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>S: tokens per KV block.</summary>
    public required int BlockTokens { get; init; }

    /// <summary>Blocks in the KV cache, scratch not included.</summary>
    public required int BlockCount { get; init; }

    /// <summary>Scratch KV rows after the blocks: physical rows from <c>BlockCount * BlockTokens</c> on.</summary>
    public required int ScratchTokens { get; init; }

    /// <summary>Longest sequence in tokens.</summary>
    public required int ContextTokens { get; init; }

    /// <summary>The spec of a shard that is to be loaded.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What to load.</param>
    /// <exception cref="ArgumentException">The options do not fit the model.</exception>
    public static ShardSpec From(ModelConfiguration model, ShardOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        int lastLayer = options.LastLayer == 0 ? model.Layers : options.LastLayer;
        Require(lastLayer, 1, model.Layers, nameof(ShardOptions.LastLayer), "the model's layers");
        Require(options.FirstLayer, 0, lastLayer - 1, nameof(ShardOptions.FirstLayer), "a layer before the last");
        Require(options.KvBlockTokens, KvTileTokens, MaxBlockTokens, nameof(ShardOptions.KvBlockTokens), "a multiple of 16");
        if (options.KvBlockTokens % KvTileTokens != 0)
        {
            throw new ArgumentException($"KvBlockTokens '{options.KvBlockTokens}' is not a multiple of {KvTileTokens}.", nameof(options));
        }
        int mostBlocks = (int.MaxValue - MaxScratchTokens) / options.KvBlockTokens;
        Require(options.KvBlockCount, 1, mostBlocks, nameof(ShardOptions.KvBlockCount), "a count of blocks");
        Require(options.ScratchTokens, 0, MaxScratchTokens, nameof(ShardOptions.ScratchTokens), "a count of rows");
        Require(options.Threads, 1, MaxThreads, nameof(ShardOptions.Threads), "a count of threads");
        int context = options.ContextTokens == 0 ? model.ContextTokens : options.ContextTokens;
        Require(context, 1, model.ContextTokens, nameof(ShardOptions.ContextTokens), "at most the model's context");
        return new ShardSpec
        {
            FirstLayer = options.FirstLayer,
            LastLayer = lastLayer,
            ModelLayers = model.Layers,
            ModelSize = model.ModelSize,
            VocabularySize = model.VocabularySize,
            BlockTokens = options.KvBlockTokens,
            BlockCount = options.KvBlockCount,
            ScratchTokens = options.ScratchTokens,
            ContextTokens = context,
        };
    }

    private static void Require(int value, int least, int most, string name, string what)
    {
        if (value < least || value > most)
        {
            throw new ArgumentException($"{name} is '{value}'; allowed are {least} to {most} ({what}).", name);
        }
    }
}
