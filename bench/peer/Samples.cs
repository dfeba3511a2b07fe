namespace Winnow.Peer;

/// <summary>Statistics of repeated measurements.</summary>
internal static class Samples
{
    /// <summary>The middle sample, or the mean of the two in the middle.</summary>
    public static double Median(double[] samples)
    {
        double[] sorted = [.. samples.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
