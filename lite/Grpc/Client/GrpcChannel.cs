using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>A channel to one server over HTTP/2.</summary>
public sealed class GrpcChannel : ChannelBase, IDisposable
{
    private GrpcChannel(Uri address)
        : base(address.Authority)
    {
    }

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
    public static GrpcChannel ForAddress(Uri address, GrpcChannelOptions channelOptions)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(channelOptions);
        return new GrpcChannel(address);
    }

    /// <inheritdoc />
    public override CallInvoker CreateCallInvoker() => new DetachedCallInvoker();

    /// <summary>Cancels the calls under way and frees the connections.</summary>
    public void Dispose()
    {
    }
}
