namespace Grpc.Core;

/// <summary>
/// The server's side of one call. The real type can be derived from outside and then has more abstract members; this edition keeps the
/// constructor to itself, so that no code depends on fewer of them.
/// </summary>
public abstract class ServerCallContext
{
    private Dictionary<object, object>? _userState;

    private protected ServerCallContext()
    {
    }

    /// <summary>The method's path: <c>/service/method</c>.</summary>
    public string Method => MethodCore;

    /// <summary>The authority that the client asked for.</summary>
    public string Host => HostCore;

    /// <summary>The client's address: <c>ipv4:ADDRESS:PORT</c>, <c>ipv6:[ADDRESS]:PORT</c> or <c>unknown:...</c>.</summary>
    public string Peer => PeerCore;

    /// <summary>The time (UTC) at which the call ends; <see cref="DateTime.MaxValue" /> when the client gave none.</summary>
    public DateTime Deadline => DeadlineCore;

    /// <summary>The client's headers.</summary>
    public Metadata RequestHeaders => RequestHeadersCore;

    /// <summary>Fires when the client cancelled, the connection broke or the deadline passed.</summary>
    public CancellationToken CancellationToken => CancellationTokenCore;

    /// <summary>Metadata to send after the last message.</summary>
    public Metadata ResponseTrailers => ResponseTrailersCore;

    /// <summary>The status to send when the method returns; OK at first.</summary>
    public Status Status
    {
        get => StatusCore;
        set => StatusCore = value;
    }

    /// <summary>How responses are written unless the stream writer says otherwise.</summary>
    public WriteOptions? WriteOptions
    {
        get => WriteOptionsCore;
        set => WriteOptionsCore = value;
    }

    /// <summary>What the method wants to remember for the length of the call.</summary>
    public IDictionary<object, object> UserState => UserStateCore;

    /// <summary>The value behind <see cref="Method" />.</summary>
    protected abstract string MethodCore { get; }

    /// <summary>The value behind <see cref="Host" />.</summary>
    protected abstract string HostCore { get; }

    /// <summary>The value behind <see cref="Peer" />.</summary>
    protected abstract string PeerCore { get; }

    /// <summary>The value behind <see cref="Deadline" />.</summary>
    protected abstract DateTime DeadlineCore { get; }

    /// <summary>The value behind <see cref="RequestHeaders" />.</summary>
    protected abstract Metadata RequestHeadersCore { get; }

    /// <summary>The value behind <see cref="CancellationToken" />.</summary>
    protected abstract CancellationToken CancellationTokenCore { get; }

    /// <summary>The value behind <see cref="ResponseTrailers" />.</summary>
    protected abstract Metadata ResponseTrailersCore { get; }

    /// <summary>The value behind <see cref="Status" />.</summary>
    protected abstract Status StatusCore { get; set; }

    /// <summary>The value behind <see cref="WriteOptions" />.</summary>
    protected abstract WriteOptions? WriteOptionsCore { get; set; }

    /// <summary>The value behind <see cref="UserState" />.</summary>
    protected virtual IDictionary<object, object> UserStateCore => _userState ??= [];

    /// <summary>Sends the response headers now, before the first message.</summary>
    /// <param name="responseHeaders">The headers.</param>
    /// <returns>Done when they are on their way.</returns>
    /// <exception cref="InvalidOperationException">The headers were sent before.</exception>
    public Task WriteResponseHeadersAsync(Metadata responseHeaders) => WriteResponseHeadersAsyncCore(responseHeaders);

    /// <summary>What <see cref="WriteResponseHeadersAsync" /> does.</summary>
    /// <param name="responseHeaders">The headers.</param>
    /// <returns>Done when they are on their way.</returns>
    protected abstract Task WriteResponseHeadersAsyncCore(Metadata responseHeaders);
}
