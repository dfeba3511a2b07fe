namespace Winnow.Gateway.Admission;

/// <summary>
/// A rate as a token bucket: it holds what a minute allows, fills up evenly, and may go below zero by what was not known beforehand, which later takers then wait for. Not thread-safe.
/// </summary>
/// <param name="perMinute">What a minute allows, and the most that comes at once; above 0.</param>
/// <param name="time">Clock.</param>
internal sealed class TokenBucket(int perMinute, TimeProvider time)
{
    private readonly double _perSecond = perMinute / 60.0;
    private double _level = perMinute;
    private long _at = time.GetTimestamp();

    /// <summary>What a minute allows.</summary>
    public int PerMinute => perMinute;

    /// <summary>What is left now, not below 0.</summary>
    public long Left => (long)Math.Max(0, Level());

    /// <summary>Time until it is full.</summary>
    public TimeSpan UntilFull => TimeOf(perMinute - Level());

    /// <summary>Whether it is full, and nothing would be lost by forgetting it.</summary>
    public bool IsFull => Level() >= perMinute;

    /// <summary>Takes an amount, whether it is there or not.</summary>
    public void Take(long amount) => _level = Level() - amount;

    /// <summary>Time until an amount is there; of more than a minute allows, until the bucket is full. Zero when it is there now.</summary>
    public TimeSpan Until(long amount) => TimeOf(Math.Min(amount, perMinute) - Level());

    private double Level()
    {
        long now = time.GetTimestamp();
        _level = Math.Min(perMinute, _level + (time.GetElapsedTime(_at, now).TotalSeconds * _perSecond));
        _at = now;
        return _level;
    }

    private TimeSpan TimeOf(double missing) => missing <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(missing / _perSecond);
}
