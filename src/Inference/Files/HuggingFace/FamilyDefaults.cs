namespace Winnow.Inference.Files.HuggingFace;

/// <summary>Values of a family that config.json may leave out, because transformers has them as defaults; null must be there.</summary>
internal sealed record FamilyDefaults
{
    /// <summary>Query heads.</summary>
    public uint? Heads { get; init; }

    /// <summary>Key-value heads; without a default as many as query heads.</summary>
    public uint? KvHeads { get; init; }

    /// <summary>Elements of a head; without a default the width over the heads.</summary>
    public uint? HeadSize { get; init; }

    /// <summary>Longest sequence.</summary>
    public uint? ContextTokens { get; init; }

    /// <summary>Base of the rotation frequencies; without a default 10000.</summary>
    public double? RopeBase { get; init; }
}
