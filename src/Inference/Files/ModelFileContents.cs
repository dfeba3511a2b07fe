namespace Winnow.Inference.Files;

/// <summary>What a reader of one format found: the parts it opened, which the receiver owns, and their checked description.</summary>
internal sealed record ModelFileContents
{
    /// <summary>How the model is stored.</summary>
    public required ModelFileFormat Format { get; init; }

    /// <summary>Version of the GGUF format; 0 for other formats.</summary>
    public int Version { get; init; }

    /// <summary>Folder of a Hugging Face model; null for GGUF files.</summary>
    public string? Folder { get; init; }

    /// <summary>Runs of bytes that tensors point into.</summary>
    public required IReadOnlyList<ModelFilePart> Parts { get; init; }

    /// <summary>Key-value pairs with GGUF's keys.</summary>
    public required GgufMetadata Metadata { get; init; }

    /// <summary>Tensors with GGUF's names, each name once, inside their parts.</summary>
    public required IReadOnlyList<GgufTensor> Tensors { get; init; }
}
