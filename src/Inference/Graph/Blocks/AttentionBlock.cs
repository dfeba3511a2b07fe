namespace Winnow.Inference.Graph;

/// <summary>Causal grouped-query attention of a layer (Ainslie et al., arXiv 2305.13245) and its variations.</summary>
public sealed record AttentionBlock
{
    /// <summary>Factor on the product of query and key.</summary>
    public required float Scale { get; init; }

    /// <summary>Scores s become <c>cap * tanh(s / cap)</c> (Gemma 2, arXiv 2408.00118); 0 is off.</summary>
    public float SoftCap { get; init; }

    /// <summary>The query at position t reads keys from t - window + 1 on (sliding window); 0 reads all.</summary>
    public int Window { get; init; }

    /// <summary>Every query head and key head is normed before it is rotated (Qwen 3, Gemma 3).</summary>
    public bool HeadNorms { get; init; }

    /// <summary>Rotary positions.</summary>
    public required RopeBlock Rope { get; init; }
}
