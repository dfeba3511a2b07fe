namespace Winnow.Gateway;

/// <summary>
/// A time in which something fails, from its first failure until nothing of it fails any more: so that a log has a line for its beginning and one for its end, however many calls fail
/// meanwhile. Any thread may use it.
/// </summary>
/// <param name="time">Clock.</param>
internal sealed class Outage(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly HashSet<object> _failing = [];
    private long _began;
    private long _failures;

    /// <summary>Whether something fails.</summary>
    public bool IsOn
    {
        get
        {
            lock (_gate)
            {
                return _failing.Count > 0;
            }
        }
    }

    /// <summary>Something failed; <see langword="true"/> when nothing did before.</summary>
    public bool Failed(object what)
    {
        lock (_gate)
        {
            bool begins = _failing.Count == 0;
            if (begins)
            {
                (_began, _failures) = (time.GetTimestamp(), 0);
            }
            _failures++;
            _failing.Add(what);
            return begins;
        }
    }

    /// <summary>Something works, or is not tried any more; what was, once nothing fails any more, otherwise <see langword="null"/>.</summary>
    public OutageEnd? Ended(object what)
    {
        lock (_gate)
        {
            return _failing.Remove(what) && _failing.Count == 0 ? new OutageEnd(time.GetElapsedTime(_began), _failures) : null;
        }
    }
}

/// <summary>What an outage was.</summary>
/// <param name="Lasted">From the first failure to the end.</param>
/// <param name="Failures">Calls that failed.</param>
internal readonly record struct OutageEnd(TimeSpan Lasted, long Failures);
