namespace Winnow.Gateway.Coordination;

/// <summary>
/// A time that grows with a count: <c>seconds = intercept + slope * count</c>, fitted by least squares to what was measured, older measurements
/// weighing less. Neither part is ever negative.
/// </summary>
internal sealed class LinearCost
{
    private const double Decay = 0.95;
    private const int MeasurementsNeeded = 3;
    private int _measurements;
    private double _weight;
    private double _sumX;
    private double _sumY;
    private double _sumXX;
    private double _sumXY;

    /// <summary>Enough has been measured, and it took measurable time.</summary>
    public bool IsKnown => _measurements >= MeasurementsNeeded && _sumY > 0;

    /// <summary>Seconds per unit of count.</summary>
    public double Slope { get; private set; }

    /// <summary>Seconds at a count of 0.</summary>
    public double Intercept { get; private set; }

    /// <summary>Adds a measurement.</summary>
    /// <param name="count">Rows or sequences, at least 1.</param>
    /// <param name="seconds">Time taken.</param>
    public void Observe(int count, double seconds)
    {
        _measurements++;
        _weight = (_weight * Decay) + 1;
        _sumX = (_sumX * Decay) + count;
        _sumY = (_sumY * Decay) + seconds;
        _sumXX = (_sumXX * Decay) + ((double)count * count);
        _sumXY = (_sumXY * Decay) + (count * seconds);
        double meanX = _sumX / _weight;
        double meanY = _sumY / _weight;
        double variance = (_sumXX / _weight) - (meanX * meanX);
        double steepest = meanY / meanX;
        // With one count only, half of the time is taken to be fixed.
        bool varied = variance > 0.01 * meanX * meanX;
        double slope = varied ? ((_sumXY / _weight) - (meanX * meanY)) / variance : steepest / 2;
        Slope = Math.Clamp(slope, 0, steepest);
        Intercept = meanY - (Slope * meanX);
    }

    /// <summary>Seconds expected for a count.</summary>
    public double At(int count) => Intercept + (Slope * count);
}
