using Prometheus;

namespace Winnow.Contract.Prometheus.Tests;

public sealed class HistogramTests
{
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();

    [Fact]
    public async Task Observe_Values_FillsCumulativeBuckets()
    {
        Histogram sut = Create(1, 2, 4);

        foreach (double value in new[] { 0.5, 1, 1.5, 4, 9 })
        {
            sut.Observe(value);
        }

        Exposition text = await Exposition.Of(_registry);
        Assert.Equal("histogram", text.Kinds["h_seconds"]);
        Assert.Equal(2, text.Series["h_seconds_bucket{le=\"1\"}"]);
        Assert.Equal(3, text.Series["h_seconds_bucket{le=\"2\"}"]);
        Assert.Equal(4, text.Series["h_seconds_bucket{le=\"4\"}"]);
        Assert.Equal(5, text.Series["h_seconds_bucket{le=\"+Inf\"}"]);
        Assert.Equal(5, text.Series["h_seconds_count"]);
        Assert.Equal(16, text.Series["h_seconds_sum"]);
    }

    [Fact]
    public void Observe_CountAndNaN_CountsTheOneIgnoresTheOther()
    {
        Histogram sut = Create(1);

        sut.Observe(0.5, 4);
        sut.Observe(double.NaN);

        Assert.Equal(4, sut.Count);
        Assert.Equal(2, sut.Sum);
    }

    [Fact]
    public void NewTimer_Disposed_ObservesSeconds()
    {
        Histogram sut = Create(1000);

        using (sut.NewTimer())
        {
        }

        Assert.Equal(1, sut.Count);
        Assert.InRange(sut.Sum, 0, 60);
    }

    [Fact]
    public void Create_BucketsNotIncreasingOrNone_Throws()
    {
        Assert.Throws<ArgumentException>(() => Create(2, 1));
        Assert.Throws<ArgumentException>(() => Create());
    }

    [Fact]
    public void Buckets_Computed_AreExact()
    {
        Assert.Equal([0.1, 0.2, 0.4, 0.8], Histogram.ExponentialBuckets(0.1, 2, 4));
        Assert.Equal([0.1, 0.3, 0.5], Histogram.LinearBuckets(0.1, 0.2, 3));
        Assert.Throws<ArgumentException>(() => Histogram.ExponentialBuckets(0, 2, 4));
        Assert.Throws<ArgumentException>(() => Histogram.ExponentialBuckets(1, 1, 4));
        Assert.Throws<ArgumentException>(() => Histogram.LinearBuckets(1, 1, 0));
    }

    [Fact]
    public async Task Labels_OnAHistogram_PrecedeTheBound()
    {
        Metrics.WithCustomRegistry(_registry)
            .CreateHistogram("h_seconds", "h", ["model"], new HistogramConfiguration { Buckets = [0.25] })
            .WithLabels("m").Observe(0.1);

        Assert.Equal(1, (await Exposition.Of(_registry)).Series["h_seconds_bucket{model=\"m\",le=\"0.25\"}"]);
    }

    private Histogram Create(params double[] buckets) => Metrics.WithCustomRegistry(_registry)
        .CreateHistogram("h_seconds", "Seconds.", new HistogramConfiguration { Buckets = buckets });
}
