namespace Grpc.Net.Client;

/// <summary>How a channel makes its calls.</summary>
public sealed class GrpcChannelOptions
{
    private const int DefaultMaxReceiveMessageSize = 4 * 1024 * 1024;

    /// <summary>
    /// The largest request in bytes; a larger one ends its call with <see cref="Core.StatusCode.ResourceExhausted" />. Null, the default,
    /// sets no limit.
    /// </summary>
    public int? MaxSendMessageSize { get; set; }

    /// <summary>
    /// The largest response in bytes; a larger one ends its call with <see cref="Core.StatusCode.ResourceExhausted" /> before it is read
    /// into memory. Default 4 MiB; null sets no limit.
    /// </summary>
    public int? MaxReceiveMessageSize { get; set; } = DefaultMaxReceiveMessageSize;

    /// <summary>The client that carries the calls; not together with <see cref="HttpHandler" />.</summary>
    public HttpClient? HttpClient { get; set; }

    /// <summary>
    /// The handler that carries the calls, for example a <see cref="SocketsHttpHandler" /> with keep-alive pings and several connections.
    /// Null, the default, makes one.
    /// </summary>
    public HttpMessageHandler? HttpHandler { get; set; }

    /// <summary>Whether the channel disposes the client or the handler that it was given. Default false.</summary>
    public bool DisposeHttpClient { get; set; }
}
