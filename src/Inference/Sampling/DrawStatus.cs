namespace Winnow.Inference.Sampling;

/// <summary>Whether a row of logits could be drawn from.</summary>
internal static class DrawStatus
{
    /// <summary>A token was drawn.</summary>
    public const int Drawn = 0;

    /// <summary>A logit is NaN or positive infinity: the error <c>nan_logits</c>.</summary>
    public const int NotANumber = 1;

    /// <summary>All logits are negative infinity: the error <c>no_candidates</c>.</summary>
    public const int NoCandidates = 2;
}
