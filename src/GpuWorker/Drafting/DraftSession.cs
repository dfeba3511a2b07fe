using System.Threading.Channels;
using Winnow.Contracts.V1;

namespace Winnow.GpuWorker.Drafting;

/// <summary>The life of one draft call: what the call and the device's loop share.</summary>
public sealed class DraftSession
{
    /// <summary>Rounds that may wait; a coordinator that asks faster than it is answered is held back.</summary>
    private const int Window = 16;

    private readonly CancellationTokenSource _end;
    private readonly SemaphoreSlim _window = new(Window, Window);
    private readonly Channel<(DraftReply Reply, bool IsAnswer)> _replies =
        Channel.CreateUnbounded<(DraftReply, bool)>(new UnboundedChannelOptions { SingleReader = true });
    private WorkerFault? _fault;

    /// <summary>Begins a session.</summary>
    /// <param name="host">The draft model.</param>
    /// <param name="epoch">Epoch of every request.</param>
    /// <param name="call">Cancelled when the call is.</param>
    public DraftSession(DraftHost host, long epoch, CancellationToken call)
    {
        Host = host;
        Epoch = epoch;
        _end = CancellationTokenSource.CreateLinkedTokenSource(call);
        Token = _end.Token;
        Ahead = new DraftAhead(this);
    }

    /// <summary>The draft model.</summary>
    public DraftHost Host { get; }

    /// <summary>Drafting ahead. Only on the device's loop.</summary>
    internal DraftAhead Ahead { get; }

    /// <summary>Epoch of every request of this call.</summary>
    public long Epoch { get; }

    /// <summary>Cancelled when the session is over; reaches the kernels.</summary>
    public CancellationToken Token { get; }

    /// <summary>Why the session failed, or <see langword="null"/>.</summary>
    public WorkerFault? Fault => Volatile.Read(ref _fault);

    /// <summary>Replies to write. There are never more answers than the window, and what is pushed ahead follows from rounds, a bounded number of branches each.</summary>
    public ChannelReader<(DraftReply Reply, bool IsAnswer)> Replies => _replies.Reader;

    /// <summary>Waits for room for one more round.</summary>
    public Task EnterAsync() => _window.WaitAsync(Token);

    /// <summary>A reply has been written.</summary>
    public void Leave() => _window.Release();

    /// <summary>Waits until every round has been answered.</summary>
    public async Task DrainAsync()
    {
        for (int i = 0; i < Window; i++)
        {
            await _window.WaitAsync(Token);
        }
    }

    /// <summary>A round has been answered.</summary>
    public void Reply(DraftReply reply) => _replies.Writer.TryWrite((reply, true));

    /// <summary>Branches were drafted ahead; they answer no round.</summary>
    public void Push(DraftReply reply) => _replies.Writer.TryWrite((reply, false));

    /// <summary>Ends the session with a fault; only the first one counts.</summary>
    public void Fail(WorkerFault fault)
    {
        if (Interlocked.CompareExchange(ref _fault, fault, null) is null)
        {
            Complete();
            _end.Cancel();
        }
    }

    /// <summary>Nothing more comes.</summary>
    public void Complete() => _replies.Writer.TryComplete();
}
