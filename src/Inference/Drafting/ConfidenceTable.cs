namespace Winnow.Inference.Drafting;

/// <summary>
/// How often drafts are kept by what the drafter said of them: its own estimate to begin with, what came of such drafts as it is learned. Needs no training; a bin
/// for every factor of the square root of two.
/// </summary>
public sealed class ConfidenceTable
{
    private const int Bins = 12;
    private const double Decay = 0.99;

    // Observations that the drafter's own estimate counts for.
    private const double TrustInEstimate = 8;

    private readonly (double Kept, double Seen)[] _bins = new (double, double)[Bins];

    /// <summary>A draft was kept or not.</summary>
    /// <param name="confidence">The drafter's estimate, 0 to 1.</param>
    /// <param name="kept">What came of it.</param>
    public void Observe(float confidence, bool kept)
    {
        ref (double Kept, double Seen) bin = ref _bins[BinOf(confidence)];
        bin = ((Decay * bin.Kept) + (kept ? 1 : 0), (Decay * bin.Seen) + 1);
    }

    /// <summary>The chance that a draft is kept.</summary>
    /// <param name="confidence">The drafter's estimate, 0 to 1.</param>
    public double ChanceOf(float confidence)
    {
        (double kept, double seen) = _bins[BinOf(confidence)];
        return (kept + (TrustInEstimate * confidence)) / (seen + TrustInEstimate);
    }

    private static int BinOf(float confidence) => confidence > 0 ? Math.Clamp((int)(-2 * Math.Log2(confidence)), 0, Bins - 1) : Bins - 1;
}
