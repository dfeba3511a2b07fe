namespace Winnow.Inference.Sampling;

/// <summary>No token can be drawn from these logits.</summary>
/// <param name="type">Stable snake_case name, listed in docs/errors.md.</param>
/// <param name="message">One line for people.</param>
public sealed class SamplingException(string type, string message) : Exception(message)
{
    /// <summary>The logits hold NaN or positive infinity.</summary>
    public const string NanLogits = "nan_logits";

    /// <summary>Every token is banned or has the logit negative infinity.</summary>
    public const string NoCandidates = "no_candidates";

    /// <summary>Stable snake_case name, listed in docs/errors.md.</summary>
    public string Type { get; } = type;
}
