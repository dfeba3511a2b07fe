namespace Winnow.GpuWorker.Tests.Support;

/// <summary>A clock that moves when the test moves it. It begins at the real time, since gRPC deadlines are compared with that.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private readonly List<(Func<TimeSpan, bool> Wanted, TaskCompletionSource Armed)> _waits = [];
    private DateTimeOffset _now = System.GetUtcNow();

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Waits until a timer is set whose wait is as wanted. Ask before the event that sets it.</summary>
    public Task TimerSetAsync(Func<TimeSpan, bool> wanted)
    {
        lock (_gate)
        {
            TaskCompletionSource armed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waits.Add((wanted, armed));
            return armed.Task.WaitAsync(Patience.Limit);
        }
    }

    public void Advance(TimeSpan by)
    {
        ManualTimer[] due;
        lock (_gate)
        {
            _now += by;
            due = [.. _timers.Where(t => t.Due <= _now)];
        }
        foreach (ManualTimer timer in due)
        {
            timer.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ManualTimer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public DateTimeOffset? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                _period = period;
                Due = dueTime < TimeSpan.Zero ? null : time._now + dueTime;
                time._timers.Remove(this);
                if (Due is not null)
                {
                    time._timers.Add(this);
                    foreach ((Func<TimeSpan, bool> _, TaskCompletionSource armed) in time._waits.Where(w => w.Wanted(dueTime)).ToArray())
                    {
                        armed.TrySetResult();
                    }
                    time._waits.RemoveAll(w => w.Armed.Task.IsCompleted);
                }
            }
            return true;
        }

        public void Fire()
        {
            lock (time._gate)
            {
                Due = _period > TimeSpan.Zero ? time._now + _period : null;
                if (Due is null)
                {
                    time._timers.Remove(this);
                }
            }
            callback(state);
        }

        public void Dispose()
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
