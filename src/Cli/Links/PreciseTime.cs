namespace Winnow.Cli.Links;

/// <summary>
/// The system's clock with timers that fire within half a millisecond of their time. Those of <see cref="TimeProvider.System"/> follow a clock that
/// steps by up to 4 ms on Linux, a fifth of the delay of a link.
/// </summary>
internal sealed class PreciseTime : TimeProvider, IDisposable
{
    private readonly object _gate = new();
    private readonly PriorityQueue<(OneShot Timer, int Version), long> _waiting = new();
    private readonly Thread _thread;
    private bool _ended;

    /// <summary>Starts the thread of the timers.</summary>
    public PreciseTime()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "winnow-timers" };
        _thread.Start();
    }

    /// <inheritdoc />
    /// <exception cref="NotSupportedException">The timer is periodic.</exception>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new OneShot(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Ends the thread; timers that have not fired never do.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.Pulse(_gate);
        }
        _thread.Join();
    }

    private void Run()
    {
        lock (_gate)
        {
            while (!_ended)
            {
                int waitMs = _waiting.TryPeek(out _, out long due) ? MillisecondsUntil(due) : Timeout.Infinite;
                if (waitMs == 0)
                {
                    (OneShot timer, int version) = _waiting.Dequeue();
                    timer.FireIf(version);
                }
                else
                {
                    Monitor.Wait(_gate, waitMs);
                }
            }
        }
    }

    // To the nearest one: what a wait is too short is as often too long, and their mean is right.
    private int MillisecondsUntil(long due)
    {
        double milliseconds = (due - GetTimestamp()) * 1000.0 / TimestampFrequency;
        return (int)Math.Round(Math.Clamp(milliseconds, 0, int.MaxValue));
    }

    private sealed class OneShot(PreciseTime owner, TimerCallback callback, object? state) : ITimer
    {
        private int _version;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (period != Timeout.InfiniteTimeSpan)
            {
                throw new NotSupportedException($"A timer with the period '{period}' was asked for; these timers fire once.");
            }
            lock (owner._gate)
            {
                _version++;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    long due = owner.GetTimestamp() + (long)(dueTime.TotalSeconds * owner.TimestampFrequency);
                    owner._waiting.Enqueue((this, _version), due);
                    Monitor.Pulse(owner._gate);
                }
            }
            return true;
        }

        public void FireIf(int version)
        {
            if (version == _version)
            {
                ThreadPool.UnsafeQueueUserWorkItem(static timer => timer.Callback(), this, preferLocal: false);
            }
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Callback() => callback(state);
    }
}
