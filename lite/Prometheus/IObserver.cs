namespace Prometheus;

/// <summary>Takes observations.</summary>
public interface IObserver : ICollectorChild
{
    /// <summary>Records a value, in the metric's base unit; NaN is ignored.</summary>
    void Observe(double val);
}
