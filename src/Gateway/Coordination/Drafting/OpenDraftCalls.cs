namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// The questions to the draft model that have not been answered, and how long steps wait for them: the deadline is the loop's, whatever a client does. One that is late is
/// not asked before it has answered, and one that is late again and again is left alone in between, each time for twice as long: a slow drafter costs a few waits, not one a step.
/// </summary>
/// <param name="deadline">How long steps wait for an answer.</param>
/// <param name="time">Clock.</param>
/// <param name="onLate">Called when <see cref="TakeLate"/> may find something; on any thread.</param>
internal sealed class OpenDraftCalls(TimeSpan deadline, TimeProvider time, Action onLate) : IDisposable
{
    // As many steps as may be on their way, each with a question of its own, and word of what they verify.
    private const int MostCalls = 12;

    // In deadlines.
    private const int LongestRest = 16;

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    private readonly List<OpenDraftCall> _calls = [];
    private ITimer? _timer;
    private bool _isArmed;
    private CancellationTokenSource _abandoned = new();
    private int _latesInARow;
    private long _restsSince;
    private TimeSpan _rest;
    private long _round;

    /// <summary>The draft model may be asked.</summary>
    public bool CanAsk => _calls.Count < MostCalls && !AnyIsLate && (_rest == TimeSpan.Zero || time.GetElapsedTime(_restsSince) >= _rest);

    /// <summary>Nothing is waited for.</summary>
    public bool AreNone => _calls.Count == 0;

    /// <summary>Cancelled when nobody wants the answers of the calls that are out any more.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>Steps that wait for their drafts.</summary>
    public int WaitingSteps
    {
        get
        {
            int count = 0;
            foreach (OpenDraftCall call in _calls)
            {
                count += call.HoldsStep ? 1 : 0;
            }
            return count;
        }
    }

    /// <summary>A new one, not yet out.</summary>
    public OpenDraftCall Create() => new(++_round, time.GetTimestamp());

    /// <summary>It is asked now.</summary>
    public void Add(OpenDraftCall call)
    {
        _calls.Add(call);
        if (!_isArmed)
        {
            Arm(deadline);
        }
    }

    /// <summary>It was answered.</summary>
    /// <returns>The call; <see langword="null"/> when nobody waits for it any more.</returns>
    public OpenDraftCall? Take(long round)
    {
        int index = 0;
        while (index < _calls.Count && _calls[index].Round != round)
        {
            index++;
        }
        if (index == _calls.Count)
        {
            return null;
        }
        OpenDraftCall call = _calls[index];
        _calls.RemoveAt(index);
        if (call.IsLate && !AnyIsLate)
        {
            // The first time it may have been a long prompt.
            int rest = _latesInARow < 2 ? 0 : Math.Min(LongestRest, 1 << Math.Min(_latesInARow - 2, 30));
            (_rest, _restsSince) = (rest * deadline, time.GetTimestamp());
        }
        return call;
    }

    /// <summary>A question was answered in time, with drafts.</summary>
    public void ObserveInTime() => (_latesInARow, _rest) = (0, TimeSpan.Zero);

    /// <summary>Takes the next call whose deadline has just passed; it stays out, as late.</summary>
    /// <returns>The call, or <see langword="null"/> when all others have time left.</returns>
    public OpenDraftCall? TakeLate()
    {
        _isArmed = false;
        foreach (OpenDraftCall call in _calls)
        {
            TimeSpan left = deadline - time.GetElapsedTime(call.StartedAt);
            if (call.IsLate)
            {
                continue;
            }
            if (left > TimeSpan.Zero)
            {
                Arm(left);
                return null;
            }
            _latesInARow += AnyIsLate ? 0 : 1;
            call.IsLate = true;
            return call;
        }
        return null;
    }

    /// <summary>Forgets them all, and what is known of how late they are, and lets go what waits for them.</summary>
    public void Abandon()
    {
        foreach (OpenDraftCall call in _calls)
        {
            call.Release();
        }
        _calls.Clear();
        ObserveInTime();
        _abandoned.Cancel();
        _abandoned.Dispose();
        _abandoned = new CancellationTokenSource();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Abandon();
        _abandoned.Dispose();
        _timer?.Dispose();
    }

    private bool AnyIsLate => _calls.Exists(static call => call.IsLate);

    // Timers round to milliseconds, so that one may fire somewhat early: it is armed for the rest then.
    private void Arm(TimeSpan wait)
    {
        _timer ??= time.CreateTimer(_ => onLate(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(wait < ShortestWait ? ShortestWait : wait, Timeout.InfiniteTimeSpan);
        _isArmed = true;
    }
}
