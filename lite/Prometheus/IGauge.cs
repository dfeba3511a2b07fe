namespace Prometheus;

/// <summary>A number that goes up and down.</summary>
public interface IGauge : ICollectorChild
{
    /// <summary>The number.</summary>
    double Value { get; }

    /// <summary>Adds.</summary>
    void Inc(double increment = 1);

    /// <summary>Replaces the number.</summary>
    void Set(double val);

    /// <summary>Subtracts.</summary>
    void Dec(double decrement = 1);

    /// <summary>Raises to a value; does nothing when the number is that high already.</summary>
    void IncTo(double targetValue);

    /// <summary>Lowers to a value; does nothing when the number is that low already.</summary>
    void DecTo(double targetValue);
}
