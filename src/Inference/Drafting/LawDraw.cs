using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting;

/// <summary>Draws drafts from a distribution that the verifier will be told.</summary>
internal static class LawDraw
{
    /// <summary>
    /// Draws tokens without replacement: those with the largest sums of log-probability and noise, the largest first (Gumbel-top-k). The first alone is a
    /// draw from the distribution.
    /// </summary>
    /// <param name="ids">Tokens to draw from.</param>
    /// <param name="probabilities">Their probabilities.</param>
    /// <param name="noise">The position's noise.</param>
    /// <param name="tokens">Gets the tokens, as many as there are or fit.</param>
    /// <returns>How many.</returns>
    public static int Draw(ReadOnlySpan<int> ids, ReadOnlySpan<float> probabilities, in GumbelNoise noise, Span<int> tokens)
    {
        Span<double> sums = stackalloc double[ids.Length];
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = probabilities[i] > 0 ? PortableMath.Log(probabilities[i]) + noise.Of(ids[i]) : double.NegativeInfinity;
        }
        int count = 0;
        for (; count < tokens.Length; count++)
        {
            int best = 0;
            for (int i = 1; i < sums.Length; i++)
            {
                best = sums[i] > sums[best] ? i : best;
            }
            if (double.IsNegativeInfinity(sums[best]))
            {
                break;
            }
            tokens[count] = ids[best];
            sums[best] = double.NegativeInfinity;
        }
        return count;
    }
}
