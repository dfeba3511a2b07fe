using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Networking;

/// <summary>
/// The silo's own listener on the gateway port, apart from whatever else the process serves; as in Orleans the port belongs to the silo.
/// </summary>
internal sealed class GatewayHost(IServiceProvider services, IOptions<EndpointOptions> endpoint, IOptions<SiloMessagingOptions> messaging)
{
    private readonly GatewayStopping _stopping = new();
    private WebApplication? _app;

    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        if (endpoint.Value.GatewayPort == 0)
        {
            return;
        }

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(ConfigureKestrel);
        builder.Services.AddRouting();
        builder.Services.AddGrpc(options => options.MaxReceiveMessageSize =
            messaging.Value.MaxMessageBodySize + GatewayProtocol.MessageOverheadBytes);
        builder.Services.AddSingleton(services.GetRequiredService<ILoggerFactory>());
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.AddSingleton(_stopping);
        builder.Services.AddSingleton(services.GetRequiredService<LocalCaller>());
        builder.Services.AddSingleton(services.GetRequiredService<GrainClassMap>());
        builder.Services.AddSingleton(services.GetRequiredService<SiloLog>());
        builder.Services.AddSingleton(services.GetRequiredService<IOptions<ClusterOptions>>());
        builder.Services.AddSingleton(messaging);
        _app = builder.Build();
        _app.MapGrpcService<GatewayService>();
        await _app.StartAsync(cancellationToken);
    }

    internal async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is { } app)
        {
            _app = null;
            _stopping.Stop();
            await app.StopAsync(cancellationToken);
            await app.DisposeAsync();
        }
    }

    private void ConfigureKestrel(KestrelServerOptions options)
    {
        options.Limits.MaxRequestBodySize = null; // one stream carries all of a client's calls
        options.Limits.Http2.KeepAlivePingDelay = GatewayProtocol.PingInterval;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Listen(new IPEndPoint(endpoint.Value.AdvertisedIPAddress, endpoint.Value.GatewayPort), listen => listen.Protocols = HttpProtocols.Http2);
    }

    /// <summary>The process's host listens to signals, this inner one does not.</summary>
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
