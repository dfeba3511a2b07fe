namespace Prometheus;

/// <summary>The default registry, which the metrics endpoint shows unless told otherwise, and ways to others.</summary>
public static class Metrics
{
    static Metrics() => DefaultRegistry.SetBeforeFirstCollect(DotNetStats.RegisterDefault);

    /// <summary>The registry of this process. Its first collection adds the process metrics.</summary>
    public static CollectorRegistry DefaultRegistry { get; } = new();

    /// <summary>Creates metrics in <see cref="DefaultRegistry"/>.</summary>
    public static MetricFactory DefaultFactory { get; } = new(DefaultRegistry);

    /// <summary>A registry of its own, without process metrics.</summary>
    public static CollectorRegistry NewCustomRegistry() => new();

    /// <summary>Creates metrics in another registry.</summary>
    public static MetricFactory WithCustomRegistry(CollectorRegistry registry) => new(registry);

    /// <summary>Leaves the process metrics out; has an effect only before the first collection.</summary>
    public static void SuppressDefaultMetrics() => DefaultRegistry.SetBeforeFirstCollect(null);

    /// <summary>Creates a counter, or returns the one of that name and those labels.</summary>
    /// <param name="name">Name: letters, digits and underscores, a unit at its end.</param>
    /// <param name="help">What it says, in one line.</param>
    /// <param name="configuration">Label names and more, or <see langword="null"/> for defaults.</param>
    /// <exception cref="ArgumentException">The name or a label name is malformed.</exception>
    /// <exception cref="InvalidOperationException">A metric of another kind has that name, or a label is named twice.</exception>
    public static Counter CreateCounter(string name, string help, CounterConfiguration? configuration = null) =>
        DefaultFactory.CreateCounter(name, help, configuration?.LabelNames ?? [], configuration);

    /// <inheritdoc cref="CreateCounter(string, string, CounterConfiguration?)"/>
    public static Counter CreateCounter(string name, string help, params string[] labelNames) =>
        DefaultFactory.CreateCounter(name, help, labelNames, null);

    /// <inheritdoc cref="CreateCounter(string, string, CounterConfiguration?)"/>
    public static Counter CreateCounter(string name, string help, string[] labelNames, CounterConfiguration? configuration = null) =>
        DefaultFactory.CreateCounter(name, help, labelNames, configuration);

    /// <summary>Creates a gauge, or returns the one of that name and those labels.</summary>
    /// <param name="name">Name: letters, digits and underscores, a unit at its end.</param>
    /// <param name="help">What it says, in one line.</param>
    /// <param name="configuration">Label names and more, or <see langword="null"/> for defaults.</param>
    /// <exception cref="ArgumentException">The name or a label name is malformed.</exception>
    /// <exception cref="InvalidOperationException">A metric of another kind has that name, or a label is named twice.</exception>
    public static Gauge CreateGauge(string name, string help, GaugeConfiguration? configuration = null) =>
        DefaultFactory.CreateGauge(name, help, configuration?.LabelNames ?? [], configuration);

    /// <inheritdoc cref="CreateGauge(string, string, GaugeConfiguration?)"/>
    public static Gauge CreateGauge(string name, string help, params string[] labelNames) =>
        DefaultFactory.CreateGauge(name, help, labelNames, null);

    /// <inheritdoc cref="CreateGauge(string, string, GaugeConfiguration?)"/>
    public static Gauge CreateGauge(string name, string help, string[] labelNames, GaugeConfiguration? configuration = null) =>
        DefaultFactory.CreateGauge(name, help, labelNames, configuration);

    /// <summary>Creates a histogram, or returns the one of that name and those labels.</summary>
    /// <param name="name">Name: letters, digits and underscores, a unit at its end.</param>
    /// <param name="help">What it says, in one line.</param>
    /// <param name="configuration">Label names and more, or <see langword="null"/> for defaults.</param>
    /// <exception cref="ArgumentException">The name or a label name is malformed.</exception>
    /// <exception cref="InvalidOperationException">A metric of another kind has that name, or a label is named twice.</exception>
    public static Histogram CreateHistogram(string name, string help, HistogramConfiguration? configuration = null) =>
        DefaultFactory.CreateHistogram(name, help, configuration?.LabelNames ?? [], configuration);

    /// <inheritdoc cref="CreateHistogram(string, string, HistogramConfiguration?)"/>
    public static Histogram CreateHistogram(string name, string help, params string[] labelNames) =>
        DefaultFactory.CreateHistogram(name, help, labelNames, null);

    /// <inheritdoc cref="CreateHistogram(string, string, HistogramConfiguration?)"/>
    public static Histogram CreateHistogram(string name, string help, string[] labelNames, HistogramConfiguration? configuration = null) =>
        DefaultFactory.CreateHistogram(name, help, labelNames, configuration);
}
