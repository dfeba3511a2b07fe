using Winnow.Inference.Acceptance;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting;

/// <summary>
/// Draws drafts from a distribution that the verifier will be told. They are drawn with noise that the target does not use: the rules that judge by the
/// distribution hold only for such drafts.
/// </summary>
internal static class LawDraw
{
    /// <summary>Draws for one position: independently for SpecTr, else without replacement.</summary>
    /// <param name="ids">Tokens to draw from, ascending.</param>
    /// <param name="probabilities">Their probabilities.</param>
    /// <param name="sampling">The rule, and the key of the noise.</param>
    /// <param name="index">Generation index of the position.</param>
    /// <param name="depth">Drafts before it in its round.</param>
    /// <param name="drafts">How many.</param>
    public static DraftLaw Draw(int[] ids, float[] probabilities, SamplingParameters sampling, int index, int depth, int drafts)
    {
        int[] draws = new int[drafts];
        if (sampling.Rule == AcceptanceRule.Spectr)
        {
            for (int chain = 0; chain < drafts; chain++)
            {
                Draw(ids, probabilities, Noise(sampling, index, depth, chain), draws.AsSpan(chain, 1));
            }
            return new DraftLaw(ids, probabilities, draws);
        }
        int count = Draw(ids, probabilities, Noise(sampling, index, depth, 0), draws);
        return new DraftLaw(ids, probabilities, draws[..count]);
    }

    /// <summary>
    /// Draws tokens without replacement: those with the largest sums of log-probability and noise, the largest first (Gumbel-top-k). The first alone is a
    /// draw from the distribution.
    /// </summary>
    /// <returns>How many there are.</returns>
    private static int Draw(ReadOnlySpan<int> ids, ReadOnlySpan<float> probabilities, in GumbelNoise noise, Span<int> tokens)
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

    /// <summary>Noise that the target does not use.</summary>
    /// <param name="sampling">The key of the noise.</param>
    /// <param name="index">Generation index of the position.</param>
    /// <param name="depth">Drafts before it in its round.</param>
    /// <param name="chain">Which of several nodes or drafts there.</param>
    public static GumbelNoise Noise(SamplingParameters sampling, int index, int depth, int chain) =>
        new(sampling.Seed, sampling.Choice, index, NoiseStreams.Draft(depth, chain));
}
