namespace Prometheus;

/// <summary>Creates metrics.</summary>
public interface IMetricFactory
{
    /// <inheritdoc cref="MetricFactory.CreateCounter(string, string, CounterConfiguration?)"/>
    Counter CreateCounter(string name, string help, CounterConfiguration? configuration = null);

    /// <inheritdoc cref="MetricFactory.CreateCounter(string, string, CounterConfiguration?)"/>
    Counter CreateCounter(string name, string help, string[] labelNames, CounterConfiguration? configuration = null);

    /// <inheritdoc cref="MetricFactory.CreateGauge(string, string, GaugeConfiguration?)"/>
    Gauge CreateGauge(string name, string help, GaugeConfiguration? configuration = null);

    /// <inheritdoc cref="MetricFactory.CreateGauge(string, string, GaugeConfiguration?)"/>
    Gauge CreateGauge(string name, string help, string[] labelNames, GaugeConfiguration? configuration = null);

    /// <inheritdoc cref="MetricFactory.CreateHistogram(string, string, HistogramConfiguration?)"/>
    Histogram CreateHistogram(string name, string help, HistogramConfiguration? configuration = null);

    /// <inheritdoc cref="MetricFactory.CreateHistogram(string, string, HistogramConfiguration?)"/>
    Histogram CreateHistogram(string name, string help, string[] labelNames, HistogramConfiguration? configuration = null);
}
