using Orleans.Invocation;

namespace Orleans.Runtime;

/// <summary>A call, or a timer's tick, on its way to a turn of its grain.</summary>
/// <param name="body">What the turn does.</param>
/// <param name="call">The caller that waits, or <see langword="null"/> for a tick, which nobody waits for.</param>
internal sealed class GrainRequest(Func<object, CancellationToken, Task<object?>> body, PendingCall? call)
{
    private readonly CancellationTokenSource _cancellation = new();
    private Activation? _activation;

    internal bool IsAlwaysInterleave { get; init; }

    internal bool IsReadOnly { get; init; }

    /// <summary>Whether it keeps the activation from being idle.</summary>
    internal bool IsKeepAlive { get; init; } = true;

    internal bool IsTick => call is null;

    /// <summary>Whether it need not run: its caller waits no more.</summary>
    internal bool IsOver => call?.IsOver ?? _cancellation.IsCancellationRequested;

    internal async Task RunAsync(Activation activation, object grain)
    {
        Volatile.Write(ref _activation, activation);
        try
        {
            object? result = await body(grain, _cancellation.Token);
            call?.Complete(result);
        }
        catch (Exception e)
        {
            activation.OnException(e, this);
            call?.Fail(e);
        }
    }

    internal void Fail(Exception exception) => call?.Fail(exception);

    /// <summary>Cancels the grain's token, in a turn of the grain once the call runs.</summary>
    internal void Cancel()
    {
        if (Volatile.Read(ref _activation) is { } activation)
        {
            activation.RunTurn(() => _cancellation.CancelAsync());
        }
        else
        {
            _cancellation.Cancel();
        }
    }
}
