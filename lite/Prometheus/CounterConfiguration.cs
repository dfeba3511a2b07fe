namespace Prometheus;

/// <summary>Configuration of a counter.</summary>
public sealed class CounterConfiguration : MetricConfiguration;
