using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Winnow.Cli.Links;

/// <summary>
/// Stands before a process that listens on this machine and makes every connection to it feel like a network link: delay, jitter, rate and loss,
/// in each direction. The end of one half and a reset travel like bytes do.
/// </summary>
internal sealed class LinkProxy : IAsyncDisposable
{
    private readonly LinkOptions _options;
    private readonly TimeProvider _time;
    private readonly Socket _listener;
    private readonly TaskCompletionSource<IPEndPoint> _target = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<int, Task> _connections = new();
    private readonly Task _accepting;

    /// <summary>Listens on a free loopback port. Connections wait until the target is known.</summary>
    /// <param name="options">The link.</param>
    /// <param name="time">Clock and timers; <see cref="PreciseTime"/> but in tests.</param>
    public LinkProxy(LinkOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _listener = NewSocket();
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>Address to dial instead of the process's own, such as <c>http://127.0.0.1:5101</c>.</summary>
    public string Address => $"http://{_listener.LocalEndPoint}";

    /// <summary>Tells where the process listens.</summary>
    public void ConnectTo(IPEndPoint target) => _target.TrySetResult(target);

    /// <summary>Cuts every connection and stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _listener.Dispose();
        _end.Dispose();
    }

    private static Socket NewSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private async Task AcceptAsync()
    {
        for (int ordinal = 0; ; ordinal++)
        {
            Socket caller;
            try
            {
                caller = await _listener.AcceptAsync(_end.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            // Entered before it can end, so that the entry it takes out is there.
            var ended = new TaskCompletionSource();
            _connections[ordinal] = ended.Task;
            _ = CarryAsync(caller, ordinal, ended);
        }
    }

    private async Task CarryAsync(Socket caller, int ordinal, TaskCompletionSource ended)
    {
        try
        {
            await CarryAsync(caller, ordinal);
        }
        finally
        {
            _connections.TryRemove(ordinal, out _);
            ended.SetResult();
        }
    }

    private async Task CarryAsync(Socket caller, int ordinal)
    {
        using (caller)
        {
            using Socket called = NewSocket();
            try
            {
                caller.NoDelay = true;
                await called.ConnectAsync(await _target.Task.WaitAsync(_end.Token), _end.Token);
                await CarryAsync(caller, called, ordinal);
            }
            catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException)
            {
                // Either end, a lost packet or the proxy's own end broke the connection: both ends see a reset.
                caller.LingerState = called.LingerState = new LingerOption(true, 0);
            }
        }
    }

    private async Task CarryAsync(Socket caller, Socket called, int ordinal)
    {
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        await using var near = new NetworkStream(caller);
        await using var far = new NetworkStream(called);
        await Task.WhenAll(
            GuardAsync(Line(2 * ordinal).RunAsync(near, far, () => called.Shutdown(SocketShutdown.Send), cut.Token), cut),
            GuardAsync(Line((2 * ordinal) + 1).RunAsync(far, near, () => caller.Shutdown(SocketShutdown.Send), cut.Token), cut));
    }

    private LinkLine Line(int ordinal) => new(_options, _time, unchecked((_options.Seed * 31) + ordinal));

    private static async Task GuardAsync(Task line, CancellationTokenSource cut)
    {
        try
        {
            await line;
        }
        catch
        {
            await cut.CancelAsync();
            throw;
        }
    }
}
