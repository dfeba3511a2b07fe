namespace Winnow.Inference.Graph;

/// <summary>
/// A model's graph: its sizes, and the blocks its layers are made of. Read from its file and checked (<see cref="ModelConfigurationReader"/>);
/// it names no device, every backend computes from it.
/// </summary>
public sealed record ModelConfiguration
{
    /// <summary>Architecture as the file names it, such as <c>llama</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The model's name; the architecture when the file has none.</summary>
    public required string Name { get; init; }

    /// <summary>Longest sequence the model was trained for, in tokens.</summary>
    public required int ContextTokens { get; init; }

    /// <summary>Layers.</summary>
    public required int Layers { get; init; }

    /// <summary>C: width of a hidden state.</summary>
    public required int ModelSize { get; init; }

    /// <summary>H: query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>G: key and value heads, a divisor of <see cref="Heads"/>.</summary>
    public required int KvHeads { get; init; }

    /// <summary>D: elements of a head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>V: tokens in the vocabulary.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Added to the mean square in norms.</summary>
    public required float NormEpsilon { get; init; }

    /// <summary>The head is the embedding matrix.</summary>
    public required bool TiedEmbeddings { get; init; }

    /// <summary>Factor on embeddings (Gemma: the root of <see cref="ModelSize"/>).</summary>
    public float EmbeddingScale { get; init; } = 1;

    /// <summary>Logits l become <c>cap * tanh(l / cap)</c>; 0 is off.</summary>
    public float LogitSoftCap { get; init; }

    /// <summary>What every layer is made of, in order.</summary>
    public IReadOnlyList<LayerBlock> LayerBlocks { get; init; } = [];

    /// <summary>Width of the widest feed-forward layer; of one expert where there are experts.</summary>
    public int FeedForwardSize => LayerBlocks.Max(block => block.FeedForward.Size);

    /// <summary>Most feed-forward results that one row needs in a layer: experts used, or 1.</summary>
    public int FeedForwardsPerRow => LayerBlocks.Max(block => block.FeedForward.Experts?.Used ?? 1);
}
