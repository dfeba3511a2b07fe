namespace Prometheus;

/// <summary>Configuration of a histogram.</summary>
public sealed class HistogramConfiguration : MetricConfiguration
{
    /// <summary>
    /// Upper bounds of the buckets, inclusive and increasing; positive infinity is added. Default 5 ms to 10 s in 14 steps,
    /// in seconds.
    /// </summary>
    public double[]? Buckets { get; set; }
}
