namespace Winnow.Inference.Sampling;

/// <summary>A sampling parameter that is out of its range.</summary>
/// <param name="Field">The field's name in the OpenAI API (or its usual extension), such as <c>top_p</c>.</param>
/// <param name="Message">What was found and what is allowed, one sentence.</param>
public sealed record SamplingProblem(string Field, string Message);
