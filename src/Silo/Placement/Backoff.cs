namespace Winnow.Silo.Placement;

/// <summary>When to try again what failed: after half a second, then twice as long each time.</summary>
/// <param name="time">Clock.</param>
/// <param name="longestMs">Longest wait in milliseconds.</param>
internal sealed class Backoff(TimeProvider time, int longestMs)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private TimeSpan _next = First;
    private DateTimeOffset _notBefore;

    /// <summary>Whether the wait is over.</summary>
    public bool IsDue => time.GetUtcNow() >= _notBefore;

    /// <summary>It failed: wait, longer than last time.</summary>
    public void Fail()
    {
        _notBefore = time.GetUtcNow() + _next;
        _next = TimeSpan.FromMilliseconds(Math.Min(_next.TotalMilliseconds * 2, longestMs));
    }

    /// <summary>It worked, or everything is different now: the next try is at once, and waits begin short again.</summary>
    public void Reset() => (_notBefore, _next) = (default, First);
}
