using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Grpc.Net.Client.Internal;
using Grpc.Protocol;

namespace Grpc.Net.Client;

/// <summary>A channel to one server over HTTP/2. Make one for each server and keep it; all calls may use it at once.</summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private const string UserAgent = "winnow-grpc-lite/0.1";

    private readonly Uri _address;
    private readonly HttpMessageInvoker _invoker;
    private readonly bool _ownsInvoker;
    private readonly ConcurrentDictionary<string, Uri> _paths = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ClientCall, bool> _calls = new();
    private volatile bool _disposed;

    private GrpcChannel(Uri address, GrpcChannelOptions options)
        : base(address.Authority)
    {
        if (options.HttpClient is not null && options.HttpHandler is not null)
        {
            throw new ArgumentException("Both 'HttpClient' and 'HttpHandler' are set; set one of them.", nameof(options));
        }

        _address = address;
        MaxReceiveMessageSize = options.MaxReceiveMessageSize;
        MaxSendMessageSize = options.MaxSendMessageSize;
        bool given = options.HttpClient is not null || options.HttpHandler is not null;
        _ownsInvoker = !given || options.DisposeHttpClient;
        _invoker = options.HttpClient ?? new HttpMessageInvoker(
            options.HttpHandler ?? new SocketsHttpHandler { EnableMultipleHttp2Connections = true }, disposeHandler: _ownsInvoker);
    }

    internal int? MaxReceiveMessageSize { get; }

    internal int? MaxSendMessageSize { get; }

    /// <summary>Makes a channel with default options.</summary>
    /// <param name="address">The server: <c>http://host:port</c> for HTTP/2 without TLS, <c>https://host:port</c> with it.</param>
    /// <returns>The channel.</returns>
    public static GrpcChannel ForAddress(string address) => ForAddress(new Uri(address), new GrpcChannelOptions());

    /// <summary>Makes a channel.</summary>
    /// <param name="address">The server: <c>http://host:port</c> for HTTP/2 without TLS, <c>https://host:port</c> with it.</param>
    /// <param name="channelOptions">The options.</param>
    /// <returns>The channel.</returns>
    public static GrpcChannel ForAddress(string address, GrpcChannelOptions channelOptions) => ForAddress(new Uri(address), channelOptions);

    /// <summary>Makes a channel with default options.</summary>
    /// <param name="address">The server: <c>http://host:port</c> for HTTP/2 without TLS, <c>https://host:port</c> with it.</param>
    /// <returns>The channel.</returns>
    public static GrpcChannel ForAddress(Uri address) => ForAddress(address, new GrpcChannelOptions());

    /// <summary>Makes a channel.</summary>
    /// <param name="address">The server: <c>http://host:port</c> for HTTP/2 without TLS, <c>https://host:port</c> with it.</param>
    /// <param name="channelOptions">The options.</param>
    /// <returns>The channel.</returns>
    /// <exception cref="ArgumentException">The address or the options do not make a channel.</exception>
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        return address.IsAbsoluteUri && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
            ? new GrpcChannel(address, channelOptions)
            : throw new ArgumentException($"Address '{address}' is not 'http://host:port' or 'https://host:port'.", nameof(address));
    }

    /// <inheritdoc />
    /// <exception cref="ObjectDisposedException">The channel is disposed.</exception>
    public override CallInvoker CreateCallInvoker()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new HttpCallInvoker(this);
    }

    /// <summary>Cancels the calls under way and frees the connections.</summary>
    public void Dispose()
    {
        _disposed = true;
        foreach (ClientCall call in _calls.Keys)
        {
            call.Dispose();
        }

        if (_ownsInvoker)
        {
            _invoker.Dispose();
        }
    }

    internal void Add(ClientCall call)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _calls.TryAdd(call, true);
        if (_disposed)
        {
            call.Dispose();
        }
    }

    internal void Remove(ClientCall call) => _calls.TryRemove(call, out _);

    internal HttpRequestMessage CreateRequest(IMethod method, HttpContent content)
    {
        Uri path = _paths.GetOrAdd(method.FullName, static (name, address) => new Uri(address, name), _address);
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        request.Headers.TryAddWithoutValidation(GrpcHeaders.AcceptEncoding, GrpcHeaders.Identity);
        return request;
    }

    internal Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        return _invoker is HttpClient client
            ? client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
            : _invoker.SendAsync(request, cancellationToken);
    }
}
