using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Winnow.Hosting.Tls;

namespace Winnow.Hosting.Tests.Tls;

/// <summary>A process of a cluster in this one: it answers with the serial number of the certificate that its client showed, and dials others.</summary>
internal sealed class TlsPeer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TlsPeer(WebApplication app) => _app = app;

    public string Address => _app.Services.GetRequiredService<ProcessEndpoints>().Url(ProcessEndpoint.Grpc);

    public string HttpAddress => _app.Services.GetRequiredService<ProcessEndpoints>().Url(ProcessEndpoint.Http);

    public static async Task<TlsPeer> StartAsync(TlsOptions files, params string[] arguments)
    {
        ProcessRole role = new() { Name = "peer", Section = "Peer", Description = "", Flags = [] };
        WebApplicationBuilder builder = WinnowProcess.CreateBuilder(role, [
            "--Tls:Certificate", files.Certificate, "--Tls:Key", files.Key, "--Tls:Authority", files.Authority, "--Tls:PeerName", files.PeerName, .. arguments]);
        builder.Logging.ClearProviders();
        builder.AddEndpoints(_ =>
        [
            new ProcessEndpoint(ProcessEndpoint.Grpc, "https://127.0.0.1:0", HttpProtocols.Http2),
            new ProcessEndpoint(ProcessEndpoint.Http, "https://127.0.0.1:0", HttpProtocols.Http1),
        ]);
        WebApplication app = builder.Build();
        app.MapGet("/who", (HttpContext context) => context.Connection.ClientCertificate?.SerialNumber ?? "nobody");
        await app.StartAsync();
        return new TlsPeer(app);
    }

    /// <summary>A client that connects as processes connect, anew with every client.</summary>
    public static HttpClient Client(TlsOptions files, string address)
    {
        var credentials = new TlsCredentials(Options.Create(files), TimeProvider.System, NullLogger<TlsCredentials>.Instance);
        return Client(address, new SocketsHttpHandler { ConnectCallback = credentials.ConnectAsync });
    }

    public static HttpClient Client(string address, SocketsHttpHandler handler, int version = 2) => new(handler)
    {
        BaseAddress = new Uri(address),
        DefaultRequestVersion = new Version(version, version == 2 ? 0 : 1),
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromMinutes(1),
    };

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
