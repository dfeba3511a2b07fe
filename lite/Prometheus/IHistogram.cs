namespace Prometheus;

/// <summary>Counts observations by size.</summary>
public interface IHistogram : IObserver
{
    /// <summary>Sum of all observed values.</summary>
    double Sum { get; }

    /// <summary>Number of observations.</summary>
    long Count { get; }

    /// <summary>Records a value several times.</summary>
    void Observe(double val, long count);
}
