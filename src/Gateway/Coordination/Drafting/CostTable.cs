using System.Numerics;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// Measured times by a count (rows of a step): a point for every count up to 8 and for every half power of two above. Between points it interpolates, beyond them it goes
/// on with the slope of the whole table, and it never falls: no count takes longer than a larger one.
/// </summary>
/// <remarks>
/// A point keeps its place relative to the others until its own count is measured again; what a machine's speed does to all of them (a clock, cold code, other work) is
/// learned apart, from every measurement. So a point that was measured long ago can be compared with one of a moment ago. How much of an error is the speed's and how much
/// the point's follows from how well each is known, as in a Kalman filter whose state is the logarithms of both.
/// </remarks>
internal sealed class CostTable
{
    private const int MeasurementsNeeded = 6;
    private const int MeasurementsToTrust = 3;
    private const double FixedPart = 0.7;

    // Variances of logarithms: of a measurement, of the place of a new point, and what a measurement adds to those of speed and place.
    private const double Noise = 0.15 * 0.15;
    private const double NewPoint = 0.2 * 0.2;
    private const double SpeedDrift = 0.01 * 0.01;
    private const double PlaceDrift = 0.001 * 0.001;
    private readonly double[] _counts = new double[64];
    private readonly double[] _relative = new double[64];
    private readonly int[] _times = new int[64];
    private readonly int[] _measuredAt = new int[64];
    private readonly double[] _doubts = new double[64];
    private double _speed = 1;
    private double _speedDoubt = NewPoint;
    private int _measurements;
    private int _points;
    private int _used;

    /// <summary>Enough has been measured, and it took measurable time.</summary>
    public bool IsKnown => _measurements >= MeasurementsNeeded;

    /// <summary>Adds a measurement.</summary>
    /// <param name="count">Rows, at least 1.</param>
    /// <param name="seconds">Time taken; not counted when it is 0.</param>
    public void Observe(int count, double seconds)
    {
        if (seconds <= 0)
        {
            return;
        }
        _measurements++;
        _speedDoubt += SpeedDrift;
        int index = IndexOf(count);
        int last = _measuredAt[index];
        _measuredAt[index] = _measurements;
        if (_times[index] == 0)
        {
            Begin(index, count, seconds);
            return;
        }
        double expected = _speed * _relative[index] * (At(count) / At(_counts[index]));
        double error = TimeError.Of(seconds, expected);
        _times[index]++;
        _doubts[index] += PlaceDrift * (_measurements - last);
        double all = _speedDoubt + _doubts[index] + Noise;
        _speed *= Math.Exp(_speedDoubt / all * error);
        _relative[index] *= Math.Exp(_doubts[index] / all * error);
        _speedDoubt *= 1 - (_speedDoubt / all);
        _doubts[index] *= 1 - (_doubts[index] / all);
        Bound(index);
    }

    /// <summary>Whether the point of a count is settled, and was measured among the last so many.</summary>
    public bool HasMeasured(int count, int among)
    {
        int index = IndexOf(count);
        return _times[index] >= MeasurementsToTrust && _measurements - _measuredAt[index] < among;
    }

    /// <summary>Seconds expected for a count.</summary>
    public double At(double count)
    {
        (double X, double Y) first = default;
        (double X, double Y) last = default;
        for (int i = 0; i < _used; i++)
        {
            if (_times[i] == 0)
            {
                continue;
            }
            (double X, double Y) point = (_counts[i], Math.Max(_relative[i], last.Y));
            if (last.X > 0 && last.X <= count && count < point.X)
            {
                return _speed * (last.Y + ((point.Y - last.Y) * (count - last.X) / (point.X - last.X)));
            }
            first = first.X > 0 ? first : point;
            last = point;
        }
        double slope = Slope(first, last);
        return _speed * (count >= last.X ? last.Y + (slope * (count - last.X)) : Math.Max(first.Y - (slope * (first.X - count)), first.Y * count / first.X));
    }

    /// <summary>Seconds for each further one between two counts, on average.</summary>
    public double SlopeBetween(double from, double to) => to > from ? (At(to) - At(from)) / (to - from) : 0;

    // More rows never take less time: points that are less well known than this one give way to it.
    private void Bound(int index)
    {
        for (int i = 0; i < _used; i++)
        {
            if (_times[i] > 0 && _doubts[i] > _doubts[index])
            {
                _relative[i] = i < index ? Math.Min(_relative[i], _relative[index]) : Math.Max(_relative[i], _relative[index]);
            }
        }
    }

    // Where neighbours are known, the first measurement may be the one in many that took far too long.
    private void Begin(int index, int count, double seconds)
    {
        if (_points >= 2)
        {
            double expected = At(count);
            seconds = expected * Math.Exp(TimeError.Of(seconds, expected));
        }
        _counts[index] = count;
        _doubts[index] = NewPoint;
        _relative[index] = seconds / _speed;
        _times[index] = 1;
        _points++;
        _used = Math.Max(_used, index + 1);
    }

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
