namespace Winnow.Inference.Graph;

/// <summary>Sizes and constants of a model, read from its file and checked (<see cref="ModelConfigurationReader"/>).</summary>
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

    /// <summary>F: width of the feed-forward layer.</summary>
    public required int FeedForwardSize { get; init; }

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

    /// <summary>Leading elements of a head that are rotated, even, at most <see cref="HeadSize"/>.</summary>
    public required int RopeDimensions { get; init; }

    /// <summary>Base of the rotation frequencies.</summary>
    public required float RopeBase { get; init; }

    /// <summary>Positions are divided by this (linear scaling); 1 is off.</summary>
    public required float RopeLinearFactor { get; init; }

    /// <summary>Pairing of rotated elements.</summary>
    public required RopeStyle RopeStyle { get; init; }

    /// <summary>The head is the embedding matrix.</summary>
    public required bool TiedEmbeddings { get; init; }
}
