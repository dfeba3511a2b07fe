using System.Numerics;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// Measured times by a count (rows of a step, sequences of a draft pass): a point for every count up to 8 and for every half power of two above.
/// Between points it interpolates, beyond them it goes on with the slope of the whole table, and it never falls.
/// </summary>
/// <remarks>
/// A point keeps its value until its own count is measured again, so that what long prompts showed is not forgotten while decoding. One that has not been measured for long,
/// or only before serving, by cold code, is taken to be somewhat cheaper than that, and by as much as any point measured since has proved to be: what seems nearly as good as
/// the best is tried, and what it costs then known. Without that a wrong point could keep its count from ever being measured again.
/// </remarks>
internal sealed class CostTable
{
    private const int MeasurementsNeeded = 3;
    private const double Weight = 0.1;
    private const double FasterWeight = 0.5;
    private const double Outlier = 4;
    private const double FixedPart = 0.7;
    private const double StalePart = 0.85;
    private const int StaleAfter = 4096;
    private readonly double[] _counts = new double[64];
    private readonly double[] _seconds = new double[64];
    private readonly int[] _measuredAt = new int[64];
    private readonly double[] _seeds = new double[64];
    private double _drift = StalePart;
    private int _measurements;
    private int _used;

    /// <summary>Enough has been measured, and it took measurable time.</summary>
    public bool IsKnown => _measurements >= MeasurementsNeeded;

    /// <summary>Forgets all measurements.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        Array.Clear(_seconds);
        Array.Clear(_measuredAt);
        Array.Clear(_seeds);
        (_measurements, _used, _drift) = (0, 0, StalePart);
    }

    /// <summary>Adds what several measurements before serving came to: one such point is enough to know something.</summary>
    /// <param name="count">Rows or sequences, at least 1.</param>
    /// <param name="seconds">Time taken; not counted when it is 0.</param>
    public void Seed(int count, double seconds)
    {
        Observe(count, seconds);
        _measurements += seconds > 0 ? MeasurementsNeeded - 1 : 0;
        _measuredAt[IndexOf(count)] = 0;
        _seeds[IndexOf(count)] = seconds;
    }

    /// <summary>
    /// Adds a measurement. One that took much longer than those before it counts as one that took somewhat longer; one that was faster counts for more:
    /// the first times of a process are those of cold code, and a busy machine only ever slows things down.
    /// </summary>
    /// <param name="count">Rows or sequences, at least 1.</param>
    /// <param name="seconds">Time taken; not counted when it is 0.</param>
    public void Observe(int count, double seconds)
    {
        if (seconds <= 0)
        {
            return;
        }
        _measurements++;
        int index = IndexOf(count);
        bool isFirst = _measuredAt[index] == 0;
        _measuredAt[index] = _measurements;
        if (_seconds[index] == 0)
        {
            _counts[index] = count;
            _seconds[index] = seconds;
            _used = Math.Max(_used, index + 1);
            return;
        }
        _counts[index] += Weight * (count - _counts[index]);
        double weight = isFirst || seconds < _seconds[index] ? FasterWeight : Weight;
        _seconds[index] += weight * (Math.Min(seconds, Outlier * _seconds[index]) - _seconds[index]);
        _drift = _seeds[index] > 0 ? Math.Min(_drift, _seconds[index] / _seeds[index]) : _drift;
    }

    /// <summary>Whether the point of a count was measured among the last so many.</summary>
    public bool HasMeasured(int count, int among) => _measuredAt[IndexOf(count)] is > 0 and int at && _measurements - at < among;

    /// <summary>Seconds expected for a count.</summary>
    public double At(double count)
    {
        (double X, double Y) first = default;
        (double X, double Y) last = default;
        for (int i = 0; i < _used; i++)
        {
            if (_seconds[i] == 0)
            {
                continue;
            }
            (double X, double Y) point = (_counts[i], Math.Max(Expected(i), last.Y));
            if (last.X > 0 && last.X <= count && count < point.X)
            {
                return last.Y + ((point.Y - last.Y) * (count - last.X) / (point.X - last.X));
            }
            first = first.X > 0 ? first : point;
            last = point;
        }
        double slope = Slope(first, last);
        return count >= last.X ? last.Y + (slope * (count - last.X)) : Math.Max(first.Y - (slope * (first.X - count)), first.Y * count / first.X);
    }

    /// <summary>Seconds for each further one between two counts, on average.</summary>
    public double SlopeBetween(double from, double to) => to > from ? (At(to) - At(from)) / (to - from) : 0;

    private double Expected(int index) => _seconds[index]
        * (_measuredAt[index] == 0 ? _drift : _measurements - _measuredAt[index] < StaleAfter ? 1 : StalePart);

    // With one point only, most of the time is taken to be fixed.
    private static double Slope((double X, double Y) first, (double X, double Y) last) =>
        last.X > first.X ? (last.Y - first.Y) / (last.X - first.X) : (1 - FixedPart) * first.Y / first.X;

    private static int IndexOf(int count)
    {
        if (count <= 8)
        {
            return count;
        }
        int log = BitOperations.Log2((uint)count);
        int upperHalf = (count >> (log - 1)) & 1;
        return 8 + (2 * (log - 3)) + upperHalf;
    }
}
