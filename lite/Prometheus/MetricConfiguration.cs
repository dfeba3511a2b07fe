namespace Prometheus;

/// <summary>What all metrics' configurations have.</summary>
public abstract class MetricConfiguration
{
    /// <summary>Names of the labels, or <see langword="null"/> for those given when the metric is created.</summary>
    public string[]? LabelNames { get; set; }

    /// <summary>Whether a set of label values is left out of the exposition until it was first changed. Default no.</summary>
    public bool SuppressInitialValue { get; set; }
}
