namespace Winnow.Inference.Cpu;

/// <summary>
/// When a worker rests: it kept the caller waiting for a millisecond or more, which happens when its processor runs something else, and it
/// did so twice in 10 ms. It rests for 50 ms, and twice as long as before, up to 400 ms, when it does so again soon after.
/// </summary>
internal sealed class WorkerRest
{
    /// <summary>A wait that counts.</summary>
    public static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(1);

    /// <summary>Two waits this close to each other, or one this soon after a rest, begin a rest.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(10);

    /// <summary>The first rest.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest rest.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(400);

    private long? _lastWait;
    private long? _end;
    private TimeSpan _length;

    /// <summary>Notes a wait for this worker.</summary>
    /// <param name="waited">How long.</param>
    /// <param name="time">Clock.</param>
    /// <param name="now">Its timestamp at the end of the wait.</param>
    /// <returns>Whether a rest begins.</returns>
    public bool BeginAfter(TimeSpan waited, TimeProvider time, long now)
    {
        if (waited < LeastWait)
        {
            return false;
        }
        bool soonAfterRest = IsSoonAfter(_end, time, now);
        bool again = soonAfterRest || IsSoonAfter(_lastWait, time, now);
        _lastWait = now;
        if (!again)
        {
            return false;
        }
        _length = !soonAfterRest ? First : 2 * _length < Longest ? 2 * _length : Longest;
        _end = now + (long)(_length.TotalSeconds * time.TimestampFrequency);
        return true;
    }

    /// <summary>Whether the rest that began last is over.</summary>
    public bool IsOver(long now) => now >= _end;

    private static bool IsSoonAfter(long? before, TimeProvider time, long now) => before is { } then && time.GetElapsedTime(then, now) < Window;
}
