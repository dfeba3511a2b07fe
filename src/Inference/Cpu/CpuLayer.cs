namespace Winnow.Inference.Cpu;

/// <summary>Weights of one transformer layer. Vectors are float, padded with zeros to 16; a null pointer means the model has none.</summary>
internal sealed unsafe class CpuLayer
{
    /// <summary>Norm before attention.</summary>
    public required float* AttentionNorm { get; init; }

    /// <summary>Query projection, H*D x C.</summary>
    public required WeightMatrix Query { get; init; }

    /// <summary>Key projection, G*D x C.</summary>
    public required WeightMatrix Key { get; init; }

    /// <summary>Value projection, G*D x C.</summary>
    public required WeightMatrix Value { get; init; }

    /// <summary>Output projection, C x H*D.</summary>
    public required WeightMatrix Output { get; init; }

    /// <summary>Added to queries (Qwen 2), or null.</summary>
    public required float* QueryBias { get; init; }

    /// <summary>Added to keys (Qwen 2), or null.</summary>
    public required float* KeyBias { get; init; }

    /// <summary>Added to values (Qwen 2), or null.</summary>
    public required float* ValueBias { get; init; }

    /// <summary>Norm of every query head (Qwen 3), or null.</summary>
    public required float* QueryNorm { get; init; }

    /// <summary>Norm of every key head (Qwen 3), or null.</summary>
    public required float* KeyNorm { get; init; }

    /// <summary>Norm before the feed-forward layer.</summary>
    public required float* FeedForwardNorm { get; init; }

    /// <summary>Gate projection, F x C.</summary>
    public required WeightMatrix Gate { get; init; }

    /// <summary>Up projection, F x C.</summary>
    public required WeightMatrix Up { get; init; }

    /// <summary>Down projection, C x F.</summary>
    public required WeightMatrix Down { get; init; }
}
