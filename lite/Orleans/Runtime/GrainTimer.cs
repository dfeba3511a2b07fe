namespace Orleans.Runtime;

/// <summary>A timer whose ticks are requests to its grain; the next one is set when the last one has ended.</summary>
internal sealed class GrainTimer : IGrainTimer
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _cancellation = new();
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainTimerCreationOptions _options;
    private readonly ITimer _timer;
    private TimeSpan _next;
    private TimeSpan _period;
    private bool _ticking;

    internal GrainTimer(Activation activation, TimeProvider time, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _callback = callback;
        _options = options;
        bool suppressed = ExecutionContext.IsFlowSuppressed();
        AsyncFlowControl control = suppressed ? default : ExecutionContext.SuppressFlow();
        _timer = time.CreateTimer(static timer => ((GrainTimer)timer!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (!suppressed)
        {
            control.Undo();
        }
    }

    internal bool IsDisposed { get; private set; }

    /// <inheritdoc/>
    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        CheckTime(dueTime, nameof(dueTime));
        CheckTime(period, nameof(period));
        lock (_lock)
        {
            _next = dueTime;
            _period = period;
            if (!_ticking && !IsDisposed)
            {
                _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (IsDisposed)
            {
                return;
            }

            IsDisposed = true;
            _timer.Dispose();
        }

        _cancellation.Cancel();
    }

    private static void CheckTime(TimeSpan time, string name)
    {
        if (time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(name, time, "A timer's time is zero or more, or infinite.");
        }
    }

    private void Tick()
    {
        lock (_lock)
        {
            if (IsDisposed)
            {
                return;
            }

            _ticking = true;
            _next = _period;
        }

        _activation.TryEnqueue(new GrainRequest((_, _) => RunAsync(), call: null)
        {
            IsAlwaysInterleave = _options.Interleave,
            IsKeepAlive = _options.KeepAlive,
        });
    }

    private async Task<object?> RunAsync()
    {
        try
        {
            if (!IsDisposed)
            {
                await _callback(_cancellation.Token);
            }
        }
        finally
        {
            lock (_lock)
            {
                _ticking = false;
                if (!IsDisposed)
                {
                    _timer.Change(_next, Timeout.InfiniteTimeSpan);
                }
            }
        }

        return null;
    }
}
