using Orleans.Runtime;

namespace Orleans.Invocation;

/// <summary>A call whose caller waits: it ends once, by its answer, its time-out, its caller's token or the end of the connection.</summary>
internal sealed class PendingCall
{
    private readonly TaskCompletionSource<object?> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _timer;
    private CancellationTokenRegistration _registration;

    /// <summary>The answer.</summary>
    internal Task<object?> Answer => _completion.Task;

    /// <summary>Whether nobody waits any more.</summary>
    internal bool IsOver => _completion.Task.IsCompleted;

    /// <summary>Starts the clock and listens to the caller's token.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="rules">Time-out, and what the ends of waiting mean for the grain.</param>
    /// <param name="label">The call, for the time-out's text.</param>
    /// <param name="token">The caller's token.</param>
    /// <param name="cancelAtGrain">Cancels the token that the grain has.</param>
    internal void Start(TimeProvider time, CallRules rules, string label, CancellationToken token, Action cancelAtGrain)
    {
        if (rules.Timeout != Timeout.InfiniteTimeSpan)
        {
            _timer = time.CreateTimer(
                _ => OnTimeout(rules, label, cancelAtGrain), null, rules.Timeout, Timeout.InfiniteTimeSpan);
        }

        if (token.CanBeCanceled)
        {
            _registration = token.UnsafeRegister(_ => OnCancelled(rules, token, cancelAtGrain), null);
        }

        if (IsOver)
        {
            Release();
        }
    }

    internal void Complete(object? result)
    {
        _completion.TrySetResult(result);
        Release();
    }

    internal void Fail(Exception exception)
    {
        _completion.TrySetException(exception);
        Release();
    }

    private void OnTimeout(CallRules rules, string label, Action cancelAtGrain)
    {
        if (!_completion.TrySetException(new TimeoutException($"Response did not arrive on time in {rules.Timeout} for message: {label}.")))
        {
            return;
        }

        Release();
        if (rules.CancelOnTimeout)
        {
            cancelAtGrain();
        }
    }

    private void OnCancelled(CallRules rules, CancellationToken token, Action cancelAtGrain)
    {
        if (!rules.WaitForCancellation && _completion.TrySetException(new OperationCanceledException(token)))
        {
            Release();
        }

        cancelAtGrain();
    }

    private void Release()
    {
        _timer?.Dispose();

        // Unregister does not wait for a callback that runs now, so the callback itself may come here.
        _registration.Unregister();
    }
}
