namespace Winnow.Inference.Tests.Acceptance;

/// <summary>Pearson's test of counts against a distribution.</summary>
internal static class ChiSquare
{
    // The normal quantile of 1 - 1e-4.
    private const double Quantile = 3.719;

    /// <summary>Fails when counts as far off as these are rarer than 1 in 10,000.</summary>
    /// <param name="law">Probability of every cell.</param>
    /// <param name="counts">How often each came.</param>
    public static void AssertFits(IReadOnlyList<double> law, IReadOnlyList<int> counts)
    {
        double draws = counts.Sum();
        double statistic = 0;
        int cells = 0;
        for (int i = 0; i < law.Count; i++)
        {
            Assert.True(law[i] > 0 || counts[i] == 0, $"Cell {i} is impossible but came {counts[i]} times.");
            if (law[i] > 0)
            {
                statistic += (counts[i] - (draws * law[i])) * (counts[i] - (draws * law[i])) / (draws * law[i]);
                cells++;
            }
        }
        // Wilson and Hilferty's approximation of the distribution's upper point.
        double degrees = cells - 1;
        double limit = degrees * Math.Pow(1 - (2 / (9 * degrees)) + (Quantile * Math.Sqrt(2 / (9 * degrees))), 3);
        Assert.InRange(statistic, 0, limit);
    }
}
