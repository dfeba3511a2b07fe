namespace Grpc.AspNetCore.Server.Internal;

/// <summary>
/// Who may touch one direction of a call: one operation at a time, and nobody once the call is over. The host reuses the request and the
/// response for other calls then, so a method that lets its reader or writer escape must find the gate closed.
/// </summary>
/// <param name="busy">The error of an operation while another one is in progress.</param>
/// <param name="over">The error of an operation after the call.</param>
internal sealed class CallGate(string busy, string over)
{
    private const int Idle = 0;
    private const int Busy = 1;
    private const int Closed = 2;

    private int _state;

    /// <summary>Begins an operation.</summary>
    /// <exception cref="InvalidOperationException">An operation is in progress, or the call is over.</exception>
    public void Enter()
    {
        int state = Interlocked.CompareExchange(ref _state, Busy, Idle);
        if (state != Idle)
        {
            throw new InvalidOperationException(state == Busy ? busy : over);
        }
    }

    /// <summary>Ends an operation.</summary>
    public void Exit() => Volatile.Write(ref _state, Idle);

    /// <summary>Closes the gate for good.</summary>
    /// <returns>False when an operation is in progress or the gate was closed before.</returns>
    public bool TryClose() => Interlocked.CompareExchange(ref _state, Closed, Idle) == Idle;
}
