namespace Prometheus;

/// <summary>A number that only grows.</summary>
public interface ICounter : ICollectorChild
{
    /// <summary>The number.</summary>
    double Value { get; }

    /// <summary>Adds.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="increment"/> is negative.</exception>
    void Inc(double increment = 1.0);

    /// <summary>Raises to a value; does nothing when the number is that high already.</summary>
    void IncTo(double targetValue);
}
