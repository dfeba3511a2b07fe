namespace Winnow.Cli.Tests.Support;

/// <summary>A clock of milliseconds that a test sets; timers that are due then fire at once, the earliest first.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<ManualTimer, long> _timers = new();
    private readonly SemaphoreSlim _armed = new(0);
    private long _nowMs;

    public long NowMs
    {
        get => Volatile.Read(ref _nowMs);
        set
        {
            Volatile.Write(ref _nowMs, value);
            while (TakeDue() is { } timer)
            {
                timer.Fire();
            }
        }
    }

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => NowMs;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(callback, state);
        lock (_gate)
        {
            _timers.Enqueue(timer, NowMs + (long)dueTime.TotalMilliseconds);
        }
        _armed.Release();
        return timer;
    }

    /// <summary>Waits until somebody has set one timer more than this was called before.</summary>
    public async Task ArmedAsync()
    {
        using CancellationTokenSource limit = new(Tool.Limit);
        await _armed.WaitAsync(limit.Token);
    }

    private ManualTimer? TakeDue()
    {
        lock (_gate)
        {
            return _timers.TryPeek(out _, out long due) && due <= NowMs ? _timers.Dequeue() : null;
        }
    }

    private sealed class ManualTimer(TimerCallback callback, object? state) : ITimer
    {
        private bool _ended;

        public void Fire()
        {
            if (!_ended)
            {
                callback(state);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException("These timers are set once.");

        public void Dispose() => _ended = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
