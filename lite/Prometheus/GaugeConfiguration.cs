namespace Prometheus;

/// <summary>Configuration of a gauge.</summary>
public sealed class GaugeConfiguration : MetricConfiguration;
