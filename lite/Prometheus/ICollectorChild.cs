namespace Prometheus;

/// <summary>One set of label values of a metric.</summary>
public interface ICollectorChild;
