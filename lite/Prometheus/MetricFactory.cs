namespace Prometheus;

/// <summary>Creates metrics in one registry.</summary>
public sealed class MetricFactory : IMetricFactory
{
    private readonly CollectorRegistry _registry;

    internal MetricFactory(CollectorRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        _registry = registry;
    }

    /// <summary>Creates a counter, or returns the one of that name and those labels.</summary>
    /// <param name="name">Name: letters, digits and underscores, a unit at its end.</param>
    /// <param name="help">What it says, in one line.</param>
    /// <param name="configuration">Label names and more, or <see langword="null"/> for defaults.</param>
    /// <exception cref="ArgumentException">The name or a label name is malformed.</exception>
    /// <exception cref="InvalidOperationException">A metric of another kind has that name, or a label is named twice.</exception>
    public Counter CreateCounter(string name, string help, CounterConfiguration? configuration = null) =>
        CreateCounter(name, help, configuration?.LabelNames ?? [], configuration);

    /// <inheritdoc cref="CreateCounter(string, string, CounterConfiguration?)"/>
    public Counter CreateCounter(string name, string help, params string[] labelNames) =>
        CreateCounter(name, help, labelNames, null);

    /// <inheritdoc cref="CreateCounter(string, string, CounterConfiguration?)"/>
    public Counter CreateCounter(string name, string help, string[] labelNames, CounterConfiguration? configuration = null) =>
        _registry.GetOrAdd(name, labelNames, labels => new Counter(
            name, help, labels, configuration?.SuppressInitialValue ?? false));

    /// <summary>Creates a gauge, or returns the one of that name and those labels.</summary>
    /// <param name="name">Name: letters, digits and underscores, a unit at its end.</param>
    /// <param name="help">What it says, in one line.</param>
    /// <param name="configuration">Label names and more, or <see langword="null"/> for defaults.</param>
    /// <exception cref="ArgumentException">The name or a label name is malformed.</exception>
    /// <exception cref="InvalidOperationException">A metric of another kind has that name, or a label is named twice.</exception>
    public Gauge CreateGauge(string name, string help, GaugeConfiguration? configuration = null) =>
        CreateGauge(name, help, configuration?.LabelNames ?? [], configuration);

    /// <inheritdoc cref="CreateGauge(string, string, GaugeConfiguration?)"/>
    public Gauge CreateGauge(string name, string help, params string[] labelNames) =>
        CreateGauge(name, help, labelNames, null);

    /// <inheritdoc cref="CreateGauge(string, string, GaugeConfiguration?)"/>
    public Gauge CreateGauge(string name, string help, string[] labelNames, GaugeConfiguration? configuration = null) =>
        _registry.GetOrAdd(name, labelNames, labels => new Gauge(
            name, help, labels, configuration?.SuppressInitialValue ?? false));

    /// <summary>Creates a histogram, or returns the one of that name and those labels.</summary>
    /// <param name="name">Name: letters, digits and underscores, a unit at its end.</param>
    /// <param name="help">What it says, in one line.</param>
    /// <param name="configuration">Label names and more, or <see langword="null"/> for defaults.</param>
    /// <exception cref="ArgumentException">The name or a label name is malformed.</exception>
    /// <exception cref="InvalidOperationException">A metric of another kind has that name, or a label is named twice.</exception>
    public Histogram CreateHistogram(string name, string help, HistogramConfiguration? configuration = null) =>
        CreateHistogram(name, help, configuration?.LabelNames ?? [], configuration);

    /// <inheritdoc cref="CreateHistogram(string, string, HistogramConfiguration?)"/>
    public Histogram CreateHistogram(string name, string help, params string[] labelNames) =>
        CreateHistogram(name, help, labelNames, null);

    /// <inheritdoc cref="CreateHistogram(string, string, HistogramConfiguration?)"/>
    public Histogram CreateHistogram(string name, string help, string[] labelNames, HistogramConfiguration? configuration = null) =>
        _registry.GetOrAdd(name, labelNames, labels => new Histogram(
            name, help, labels, configuration?.SuppressInitialValue ?? false, configuration?.Buckets));
}
