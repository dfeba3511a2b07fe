using System.Collections.Concurrent;
using System.Net.Http.Headers;
using Grpc.Net.Client;
using Winnow.Hosting.Tls;

namespace Winnow.Hosting;

/// <summary>
/// gRPC channels to the other processes of the cluster, one per address, kept for the life of the process. Every call carries the
/// cluster token; keep-alive pings notice a peer that died without a word. <c>https://</c> addresses are spoken with by TLS, both ends showing certificates.
/// </summary>
/// <param name="token">The cluster token.</param>
/// <param name="tls">This process's certificates; <see langword="null"/> for a process that reaches plain addresses only.</param>
public sealed class ClusterChannels(ClusterToken token, TlsCredentials? tls = null) : IDisposable
{
    /// <summary>
    /// Largest message in bytes, 256 MiB: hidden states of a prompt chunk of 4,096 rows at a model size of 16,384. Servers allow the same.
    /// </summary>
    public const int MaxMessageBytes = 256 * 1024 * 1024;

    /// <summary>Largest message in bytes that the control plane takes, 4 MiB: inventories, beats and placements.</summary>
    public const int MaxControlMessageBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, Lazy<GrpcChannel>> _channels = new(StringComparer.Ordinal);

    /// <summary>The channel to an address; connects when it is first used.</summary>
    /// <param name="address">Address such as <c>http://127.0.0.1:5101</c>.</param>
    /// <exception cref="UriFormatException">The text is not an address.</exception>
    public GrpcChannel Get(string address) => _channels.GetOrAdd(address, key => new Lazy<GrpcChannel>(() => Create(key))).Value;

    /// <summary>Closes every channel and breaks the calls on it.</summary>
    public void Dispose()
    {
        foreach (Lazy<GrpcChannel> channel in _channels.Values)
        {
            channel.Value.Dispose();
        }
    }

    private GrpcChannel Create(string address)
    {
        SocketsHttpHandler sockets = new()
        {
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = PingDelay,
            KeepAlivePingTimeout = PingTimeout,
            ConnectTimeout = ConnectTimeout,
            UseProxy = false,
        };
        if (tls is not null)
        {
            sockets.ConnectCallback = tls.ConnectAsync;
        }
        return GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            HttpHandler = new TokenHandler(sockets, token),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = MaxMessageBytes,
            MaxSendMessageSize = MaxMessageBytes,
        });
    }

    private sealed class TokenHandler(HttpMessageHandler inner, ClusterToken token) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (token.Value is { } value)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", value);
            }
            return base.SendAsync(request, cancellationToken);
        }
    }
}
