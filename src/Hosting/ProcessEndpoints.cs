using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Winnow.Hosting.Tls;

namespace Winnow.Hosting;

/// <summary>An endpoint of a process, by name.</summary>
/// <param name="Name">Name to find it by: <c>grpc</c> or <c>http</c>.</param>
/// <param name="Address">Where to listen, checked by the options validator.</param>
/// <param name="Protocols"><see cref="HttpProtocols.Http2"/> for gRPC, <see cref="HttpProtocols.Http1"/> for everything else.</param>
public sealed record ProcessEndpoint(string Name, string Address, HttpProtocols Protocols)
{
    /// <summary>Name of the gRPC endpoint.</summary>
    public const string Grpc = "grpc";

    /// <summary>Name of the HTTP/1.1 endpoint with health and metrics.</summary>
    public const string Http = "http";
}

/// <summary>The endpoints a process really listens on, known once it has started.</summary>
public sealed class ProcessEndpoints
{
    /// <summary>
    /// Bytes of a gRPC stream, and of all streams of a connection, that a peer may send before they are read: 16 MiB. What does not fit waits a
    /// round trip; the server's default of 768 KiB would hold up the hidden states of one prompt chunk five times.
    /// </summary>
    public const int GrpcWindowBytes = 16 * 1024 * 1024;

    private readonly Dictionary<string, (ListenOptions Options, bool IsEncrypted)> _listeners = [];

    /// <summary>Where the process was asked to listen, known once its server is made.</summary>
    internal IEnumerable<ListenAddress> Requested => _listeners.Values.Where(listener => listener.Options.IPEndPoint is not null)
        .Select(listener => new ListenAddress(listener.Options.IPEndPoint!.Address, listener.Options.IPEndPoint.Port, listener.IsEncrypted));

    /// <summary>Whether the process has an endpoint of that name.</summary>
    public bool Has(string name) => _listeners.ContainsKey(name);

    /// <summary>Address of an endpoint as a client on this machine dials it, for example <c>http://127.0.0.1:5101</c>.</summary>
    /// <exception cref="InvalidOperationException">There is no such endpoint, or the process has not started.</exception>
    public string Url(string name)
    {
        (ListenOptions? options, bool encrypted) = _listeners.GetValueOrDefault(name);
        IPEndPoint? endpoint = options?.IPEndPoint;
        if (endpoint is null or { Port: 0 })
        {
            throw new InvalidOperationException($"Endpoint '{name}' does not listen yet; ask for it after the process has started.");
        }
        IPAddress dialled = endpoint.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : endpoint.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : endpoint.Address;
        return new ListenAddress(dialled, endpoint.Port, encrypted).ToString();
    }

    internal void Listen(KestrelServerOptions server, IEnumerable<ProcessEndpoint> endpoints, TlsCredentials tls)
    {
        foreach (ProcessEndpoint endpoint in endpoints)
        {
            if (!ListenAddress.TryParse(endpoint.Address, out ListenAddress? address))
            {
                throw new StartupException($"Listen address '{endpoint.Address}' is not valid; write http://ADDRESS:PORT or https://ADDRESS:PORT.");
            }
            if (address.IsEncrypted)
            {
                tls.Check();
            }
            bool isGrpc = endpoint.Name == ProcessEndpoint.Grpc;
            if (isGrpc)
            {
                server.Limits.Http2.InitialConnectionWindowSize = GrpcWindowBytes;
                server.Limits.Http2.InitialStreamWindowSize = GrpcWindowBytes;
            }
            server.Listen(address.Ip, address.Port, listener =>
            {
                listener.Protocols = endpoint.Protocols;
                if (address.IsEncrypted)
                {
                    tls.Use(listener, mutual: isGrpc);
                }
                _listeners[endpoint.Name] = (listener, address.IsEncrypted);
            });
        }
    }
}
