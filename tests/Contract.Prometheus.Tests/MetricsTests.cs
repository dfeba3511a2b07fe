using Prometheus;

namespace Winnow.Contract.Prometheus.Tests;

public sealed class MetricsTests
{
    private readonly CollectorRegistry _registry = Metrics.NewCustomRegistry();
    private readonly MetricFactory _sut;

    public MetricsTests() => _sut = Metrics.WithCustomRegistry(_registry);

    [Fact]
    public async Task Counter_Incremented_ShowsTheSum()
    {
        Counter counter = _sut.CreateCounter("requests_total", "Requests.");

        counter.Inc();
        counter.Inc(2.5);

        Assert.Equal(3.5, counter.Value);
        Exposition text = await Exposition.Of(_registry);
        Assert.Equal(3.5, text.Series["requests_total"]);
        Assert.Equal("counter", text.Kinds["requests_total"]);
        Assert.Contains("# HELP requests_total Requests.\n", text.Text);
    }

    [Fact]
    public void Counter_NegativeIncrement_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _sut.CreateCounter("c_total", "c").Inc(-1));

    [Fact]
    public void Counter_IncTo_NeverGoesDown()
    {
        Counter counter = _sut.CreateCounter("c_total", "c");

        counter.IncTo(7);
        counter.IncTo(3);

        Assert.Equal(7, counter.Value);
    }

    [Fact]
    public async Task Counter_Untouched_ShowsZeroUnlessSuppressed()
    {
        _sut.CreateCounter("shown_total", "c");
        _sut.CreateCounter("hidden_total", "c", new CounterConfiguration { SuppressInitialValue = true });

        Exposition text = await Exposition.Of(_registry);

        Assert.Equal(0, text.Series["shown_total"]);
        Assert.DoesNotContain("hidden_total", text.Series.Keys);
    }

    [Fact]
    public void Counter_ManyThreads_LosesNothing()
    {
        Counter counter = _sut.CreateCounter("c_total", "c");

        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < 5_000; i++)
            {
                counter.Inc();
            }
        });

        Assert.Equal(40_000, counter.Value);
    }

    [Fact]
    public void Gauge_EveryOperation_MovesTheValue()
    {
        Gauge gauge = _sut.CreateGauge("g", "g");

        gauge.Set(5);
        gauge.Inc(2);
        gauge.Dec();
        Assert.Equal(6, gauge.Value);

        gauge.IncTo(4);
        Assert.Equal(6, gauge.Value);
        gauge.DecTo(4);
        Assert.Equal(4, gauge.Value);
        using (gauge.TrackInProgress())
        {
            Assert.Equal(5, gauge.Value);
        }

        Assert.Equal(4, gauge.Value);
    }

    [Fact]
    public async Task Labels_EachSetOfValues_IsItsOwnSeries()
    {
        Gauge gauge = _sut.CreateGauge("busy", "b", "model", "worker");

        gauge.WithLabels("a", "1").Set(1);
        gauge.WithLabels("a", "2").Set(2);
        gauge.WithLabels("a", "1").Inc();

        Exposition text = await Exposition.Of(_registry);
        Assert.Equal(2, text.Series["busy{model=\"a\",worker=\"1\"}"]);
        Assert.Equal(2, text.Series["busy{model=\"a\",worker=\"2\"}"]);
        Assert.Equal(2, text.Series.Count);
    }

    [Fact]
    public async Task Labels_Removed_AreGone()
    {
        Gauge gauge = _sut.CreateGauge("busy", "b", "model");
        gauge.WithLabels("a").Set(1);
        gauge.WithLabels("b").Set(1);

        gauge.RemoveLabelled("a");
        gauge.WithLabels("b").Remove();

        Assert.Empty((await Exposition.Of(_registry)).Series);
    }

    [Fact]
    public async Task Labels_SpecialCharacters_AreEscaped()
    {
        _sut.CreateGauge("g", "Escapes.", "l").WithLabels("q\"b\\n\n").Set(1);

        string text = (await Exposition.Of(_registry)).Text;

        Assert.Contains("g{l=\"q\\\"b\\\\n\\n\"} 1\n", text);
    }

    [Fact]
    public void Labels_WrongNumberOrNull_Throw()
    {
        Gauge gauge = _sut.CreateGauge("g", "g", "one");

        Assert.Throws<ArgumentException>(() => gauge.WithLabels("a", "b"));
        Assert.Throws<ArgumentException>(() => gauge.WithLabels());
        Assert.Throws<NotSupportedException>(() => gauge.WithLabels((string)null!));
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("1st")]
    [InlineData("with-dash")]
    [InlineData("")]
    public void Names_Malformed_Throw(string name)
    {
        Assert.Throws<ArgumentException>(() => _sut.CreateCounter(name, "h"));
        Assert.Throws<ArgumentException>(() => _sut.CreateCounter("fine_total", "h", name));
    }

    [Fact]
    public void Names_ReservedOrTwice_Throw()
    {
        Assert.Throws<ArgumentException>(() => _sut.CreateCounter("a_total", "h", "__reserved"));
        Assert.Throws<InvalidOperationException>(() => _sut.CreateCounter("b_total", "h", "same", "same"));
    }

    [Fact]
    public void Create_SameNameAndLabels_ReturnsTheSame()
    {
        Counter first = _sut.CreateCounter("c_total", "c", "l");

        Assert.Same(first, _sut.CreateCounter("c_total", "c", "l"));
        Assert.Throws<InvalidOperationException>(() => _sut.CreateGauge("c_total", "c"));
    }

    [Fact]
    public async Task BeforeCollectCallback_EveryCollection_IsCalled()
    {
        Gauge gauge = _sut.CreateGauge("g", "g");
        _registry.AddBeforeCollectCallback(() => gauge.Inc());
        _registry.AddBeforeCollectCallback(_ => Task.FromException(new InvalidOperationException("broken callback")));

        await Exposition.Of(_registry);

        Assert.Equal(2, (await Exposition.Of(_registry)).Series["g"]);
    }

    [Fact]
    public async Task DefaultRegistry_Collected_HasProcessMetrics()
    {
        Exposition text = await Exposition.Of(Metrics.DefaultRegistry);

        Assert.True(text.Series["process_start_time_seconds"] > 1e9);
        Assert.True(text.Series["process_working_set_bytes"] > 1e6);
        Assert.Contains("dotnet_collection_count_total{generation=\"2\"}", text.Series.Keys);
        Assert.Equal("counter", text.Kinds["process_cpu_seconds_total"]);
    }
}
