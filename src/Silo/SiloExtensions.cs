using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Orleans.Hosting;
using Orleans.Providers;
using Orleans.Storage;
using Prometheus;
using Winnow.Fetching;
using Winnow.Hosting;
using Winnow.Silo.Control;
using Winnow.Silo.Placement;
using Winnow.Silo.Sessions;
using Winnow.Silo.Storage;

namespace Winnow.Silo;

/// <summary>Adds a silo to a process.</summary>
public static class SiloExtensions
{
    /// <summary>Registers the silo's services, options, grains and endpoints.</summary>
    /// <param name="builder">Builder made by <see cref="WinnowProcess.CreateBuilder(ProcessRole, string[])"/>.</param>
    public static WebApplicationBuilder AddSilo(this WebApplicationBuilder builder)
    {
        builder.AddValidatedOptions<SiloOptions, SiloOptionsValidator>(SiloOptions.Section);
        builder.AddEndpoints(services =>
        {
            SiloOptions options = services.GetRequiredService<IOptions<SiloOptions>>().Value;
            return
            [
                new ProcessEndpoint(ProcessEndpoint.Grpc, options.Listen, HttpProtocols.Http2),
                new ProcessEndpoint(ProcessEndpoint.Http, options.HttpListen, HttpProtocols.Http1),
            ];
        });
        builder.AddModelLibrary();
        IServiceCollection services = builder.Services;
        services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = ClusterChannels.MaxControlMessageBytes);
        services.AddSingleton(provider => new ClusterToken(provider.GetRequiredService<IOptions<SiloOptions>>().Value.ClusterToken));
        services.AddSingleton<ClusterChannels>().AddSingleton<ModelFiles>().AddSingleton<PlanSource>().AddSingleton<WorkerProbe>().AddSingleton<GatewayProbe>();
        SiloPorts ports = SiloPorts.Resolve(builder.Configuration);
        services.AddSingleton(ports);
        services.AddHostedService<StateOpener>();
        services.AddSingleton(provider => new SessionSegments(provider.GetRequiredKeyedService<IGrainStorage>(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME)));
        // Read before the container exists; bad values are reported by the options validator at start.
        SiloOptions options = builder.Configuration.GetSection(SiloOptions.Section).Get<SiloOptions>() ?? new SiloOptions();
        builder.UseOrleans(silo => SiloCluster.Configure(silo, ports, options));
        services.AddHostedService<ModelDefiner>();
        services.AddHostedService<SessionSweeper>();
        services.AddHostedService<WorkerSweeper>();
        return builder;
    }

    /// <summary>Maps the silo's gRPC service, health and metrics.</summary>
    public static void MapSilo(this WebApplication app)
    {
        SiloPorts ports = app.Services.GetRequiredService<SiloPorts>();
        ReadyLine ready = app.Services.GetRequiredService<ReadyLine>();
        ready.Set("orleans_silo_port", ports.Silo);
        ready.Set("orleans_gateway_port", ports.Gateway);
        app.UseClusterToken();
        app.MapGrpcService<ClusterControlService>();
        app.MapProcessHealth();
        SiloMetrics.Publish();
        app.MapMetrics();
    }
}
