using Winnow.Inference.Sampling;

namespace Winnow.Inference.Acceptance;

/// <summary>
/// Medusa's typical acceptance (arXiv 2401.10774): a draft is likely enough when p(x) is at least min(epsilon, alpha exp(-H)), H the entropy of p. Lossy.
/// </summary>
internal static class TypicalAcceptance
{
    // The values of the authors' code.
    private const double Epsilon = 0.3;
    private const double Alpha = 0.09;

    // Tokens below this part of the whole have next to no share in the entropy.
    private const double Negligible = 1e-9;

    /// <summary>The first draft that is likely enough, or the target's own token.</summary>
    /// <param name="weights">The target's weights (V).</param>
    /// <param name="total">Their sum.</param>
    /// <param name="drafts">Drafts in order.</param>
    /// <param name="own">The token that the target drew by itself.</param>
    public static int Choose(ReadOnlySpan<double> weights, double total, ReadOnlySpan<int> drafts, int own)
    {
        double entropy = 0;
        foreach (double weight in weights)
        {
            double p = weight / total;
            entropy -= p > Negligible ? p * PortableMath.Log(p) : 0;
        }
        double least = Math.Min(Epsilon, Alpha * PortableMath.Exp(-entropy));
        foreach (int draft in drafts)
        {
            if (weights[draft] >= least * total)
            {
                return draft;
            }
        }
        return own;
    }
}
