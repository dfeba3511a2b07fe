using Winnow.Inference.Execution;

namespace Winnow.Inference.Sampling;

/// <summary>Log-probabilities of the model's unprocessed logits. Owns scratch memory that is reused; not thread-safe.</summary>
/// <param name="vocabularySize">V: tokens in the vocabulary.</param>
public sealed class LogSoftmax(int vocabularySize)
{
    private readonly CandidateList _candidates = new(vocabularySize);

    /// <summary>Log-probabilities of one token and of the most likely ones; sums in float64, in ascending id order.</summary>
    /// <param name="logits">The model's unprocessed logits (V).</param>
    /// <param name="token">The sampled token.</param>
    /// <param name="top">Alternatives to report, 0 to 20.</param>
    /// <exception cref="SamplingException">The logits hold NaN.</exception>
    public TokenLogprobs Of(ReadOnlySpan<float> logits, int token, int top)
    {
        float largest = LogitScan.Largest(logits);
        double logSum = largest + PortableMath.Log(PortableMath.SumExp(logits, 1, largest));
        int[] ids = top == 0 ? [] : _candidates.TakeLargest(logits, Math.Min(top, logits.Length)).ToArray();
        float[] logprobs = new float[ids.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            logprobs[i] = (float)(logits[ids[i]] - logSum);
        }
        return new TokenLogprobs((float)(logits[token] - logSum), ids, logprobs);
    }
}
