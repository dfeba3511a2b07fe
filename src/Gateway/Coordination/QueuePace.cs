namespace Winnow.Gateway.Coordination;

/// <summary>How often a sequence ends and makes room for one that waits: what a client that finds the queue full is told to wait.</summary>
/// <param name="time">Clock.</param>
internal sealed class QueuePace(TimeProvider time)
{
    private const double NewShare = 0.2;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private long _last = time.GetTimestamp();
    private double _meanSeconds;

    /// <summary>A sequence ended.</summary>
    public void Ended()
    {
        lock (_gate)
        {
            long now = time.GetTimestamp();
            double seconds = time.GetElapsedTime(_last, now).TotalSeconds;
            _meanSeconds += NewShare * (Math.Min(seconds, Longest.TotalSeconds) - _meanSeconds);
            _last = now;
        }
    }

    /// <summary>Time until the next one is expected to end, from 1 s to 60 s: the mean between two, or the time since the last one where that is longer already.</summary>
    public TimeSpan Wait
    {
        get
        {
            lock (_gate)
            {
                double seconds = Math.Max(_meanSeconds, time.GetElapsedTime(_last).TotalSeconds);
                return TimeSpan.FromSeconds(Math.Clamp(seconds, Shortest.TotalSeconds, Longest.TotalSeconds));
            }
        }
    }
}
