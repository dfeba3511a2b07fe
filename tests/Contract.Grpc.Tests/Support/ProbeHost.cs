using System.Net;
using Grpc.AspNetCore.Server;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Winnow.Grpc.Tests.V1;

namespace Winnow.Grpc.Tests.Support;

/// <summary>A server of the probe service on a free local port, HTTP/2 without TLS, and a channel to it.</summary>
public sealed class ProbeHost : IAsyncDisposable
{
    /// <summary>How long a test waits for what must happen.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly WebApplication _app;
    private readonly List<GrpcChannel> _channels = [];

    private ProbeHost(WebApplication app, ProbeScript script)
    {
        _app = app;
        Script = script;
    }

    public ProbeScript Script { get; }

    public string Address => _app.Urls.First();

    public Probe.ProbeClient Client => field ??= new Probe.ProbeClient(Channel());

    public static async Task<ProbeHost> StartAsync(ProbeScript? script = null, Action<GrpcServiceOptions>? configure = null)
    {
        script ??= new ProbeScript();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddSingleton(script);
        builder.Services.AddGrpc(configure ?? (_ => { }));
        WebApplication app = builder.Build();
        app.MapGrpcService<ProbeService>();
        await app.StartAsync();
        return new ProbeHost(app, script);
    }

    /// <summary>Another channel, with options of its own; it is disposed with the host.</summary>
    public GrpcChannel Channel(GrpcChannelOptions? options = null)
    {
        GrpcChannel channel = GrpcChannel.ForAddress(Address, options ?? new GrpcChannelOptions());
        _channels.Add(channel);
        return channel;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (GrpcChannel channel in _channels)
        {
            channel.Dispose();
        }

        await _app.DisposeAsync();
    }
}
