namespace Winnow.Inference.Graph;

/// <summary>
/// One transformer layer: <c>x += attention(norm(x))</c>, then <c>x += feedForward(norm(x))</c>; all norms are RMSNorm (Zhang and Sennrich,
/// arXiv 1910.07467).
/// </summary>
public sealed record LayerBlock
{
    /// <summary>Attention.</summary>
    public required AttentionBlock Attention { get; init; }

    /// <summary>Feed-forward layer.</summary>
    public required FeedForwardBlock FeedForward { get; init; }

    /// <summary>The results of attention and feed-forward layer are normed once more before they are added (Gemma).</summary>
    public bool PostNorms { get; init; }
}
