using Winnow.Inference.Execution;

namespace Winnow.Cli.Engine;

/// <summary>What a model expects at one position.</summary>
/// <param name="Logprobs">Log-probability of the teacher's id, and the most likely ids with theirs.</param>
/// <param name="TopLogits">Unprocessed logits of the most likely ids.</param>
internal sealed record TeacherStep(TokenLogprobs Logprobs, IReadOnlyList<float> TopLogits)
{
    /// <summary>The most likely id.</summary>
    public int Best => Logprobs.TopIds[0];
}
