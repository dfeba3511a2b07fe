using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Prometheus;
using Winnow.Fetching;
using Winnow.Gateway.Access;
using Winnow.Gateway.Admin;
using Winnow.Gateway.Admission;
using Winnow.Gateway.Api;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Forwarding;
using Winnow.Gateway.Coordination.Remote;
using Winnow.Gateway.Serving;
using Winnow.Gateway.Streams;
using Winnow.Hosting;

namespace Winnow.Gateway;

/// <summary>Puts the gateway into a host.</summary>
public static class GatewayExtensions
{
    private static readonly TimeSpan SiloListPeriod = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SiloRetryDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>Registers the whole gateway: options, API, coordinators, and the Orleans client.</summary>
    public static void AddGateway(this WebApplicationBuilder builder)
    {
        // Before whoever uses it: hosts start in this order and stop in reverse, and leases are given back through the client.
        builder.Host.UseOrleansClient((_, client) => ConfigureOrleans(client, builder.Configuration));
        // The client waits for the silo; health and the answer 'not ready' must not.
        builder.Services.Configure<HostOptions>(host => host.ServicesStartConcurrently = true);
        builder.AddModelLibrary();
        builder.AddApi();
        builder.Services.AddSingleton<SiloCalls>();
        builder.Services.AddSingleton<IStreamSessions, GrainStreamSessions>();
        builder.Services.AddCoordination(builder.Configuration);
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = ClusterChannels.MaxMessageBytes);
        builder.Services.AddSingleton<ClusterModelRegistry>();
        builder.Services.AddSingleton<IClusterAdmin, GrainClusterAdmin>().AddSingleton<AdminEndpoints>();
        builder.Services.AddSingleton<IModelRegistry>(services => services.GetRequiredService<ClusterModelRegistry>());
        builder.Services.AddHostedService(services => services.GetRequiredService<ClusterModelRegistry>());
    }

    /// <summary>Registers options, endpoints and the HTTP API, but neither models nor sessions: the caller adds an <see cref="IModelRegistry"/> and an <see cref="IStreamSessions"/>.</summary>
    public static void AddApi(this WebApplicationBuilder builder)
    {
        builder.AddValidatedOptions<GatewayOptions, GatewayOptionsValidator>(GatewayOptions.Section);
        // Before the endpoints, which listen with what is set then.
        builder.Services.AddSingleton<IConfigureOptions<KestrelServerOptions>, ServerLimits>();
        builder.AddEndpoints(services => Endpoints(Options(services)));
        builder.AddValidatedOptions<LimitOptions, LimitOptionsValidator>(LimitOptions.Section);
        builder.Services.AddSingleton<AdmissionInstruments>().AddSingleton<CallerGate>();
        builder.Services.AddSingleton<ApiKeys>();
        builder.Services.AddSingleton<GatewayDrain>();
        builder.Services.AddSingleton<IDrainStep>(services => services.GetRequiredService<GatewayDrain>());
        builder.Services.TryAddSingleton(services => new ClusterToken(services.GetRequiredService<IOptions<ReplicaOptions>>().Value.ClusterToken));
        builder.Services.AddSingleton<ModelStore>();
        builder.Services.AddSingleton<ApiInstruments>();
        builder.Services.AddSingleton<GenerationResponder>();
        builder.Services.AddSingleton<CompletionEndpoints>();
        builder.Services.AddSingleton<StreamEndpoints>();
    }

    /// <summary>Maps the API, health and metrics.</summary>
    public static void MapGateway(this WebApplication app)
    {
        ProcessEndpoints endpoints = app.Services.GetRequiredService<ProcessEndpoints>();
        if (app.Services.GetService<SharedReplicas>() is not null)
        {
            app.MapPeers(endpoints);
        }
        app.UseMiddleware<ErrorMiddleware>();
        GatewayDrain drain = app.Services.GetRequiredService<GatewayDrain>();
        app.Use(next => context => drain.RunAsync(context, next));
        app.UseMiddleware<AddressRates>();
        app.UseRouting();
        app.UseMiddleware<ApiAccessMiddleware>();
        CompletionEndpoints.Map(app);
        StreamEndpoints.Map(app);
        ModelEndpoints.Map(app);
        if (app.Services.GetService<AdminEndpoints>() is { } admin)
        {
            AdminEndpoints.Map(app, admin);
        }
        ModelStoreEndpoints.Map(app);
        app.MapProcessHealth();
        app.MapMetrics();
    }

    // What other gateways call is served on the gRPC endpoint only, and nothing else is.
    private static void MapPeers(this WebApplication app, ProcessEndpoints endpoints)
    {
        app.Use(next => context =>
        {
            bool isPeerPort = endpoints.Has(ProcessEndpoint.Grpc) && context.Connection.LocalPort == new Uri(endpoints.Url(ProcessEndpoint.Grpc)).Port;
            bool isPeerCall = context.Request.Path.StartsWithSegments("/" + CoordinatorService.ServiceName, StringComparison.Ordinal);
            if (isPeerPort == isPeerCall)
            {
                return next(context);
            }
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        app.UseClusterToken();
        app.MapGrpcService<CoordinatorService>();
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            // Known once the process listens; leases are asked for with them from then on.
            ReplicaOptions replica = app.Services.GetRequiredService<IOptions<ReplicaOptions>>().Value;
            replica.Socket = SocketName.Of(endpoints.Url(ProcessEndpoint.Http));
            if (replica.GatewayAddress.Length == 0 && endpoints.Has(ProcessEndpoint.Grpc))
            {
                replica.GatewayAddress = AdvertisedAddress.Of(Options(app.Services).GrpcListen, endpoints.Url(ProcessEndpoint.Grpc));
            }
            app.Services.GetRequiredService<SharedReplicas>().AskNow();
        });
    }

    private static IEnumerable<ProcessEndpoint> Endpoints(GatewayOptions options)
    {
        yield return new ProcessEndpoint(ProcessEndpoint.Http, options.Listen, HttpProtocols.Http1AndHttp2);
        if (options.GrpcListen.Length > 0)
        {
            yield return new ProcessEndpoint(ProcessEndpoint.Grpc, options.GrpcListen, HttpProtocols.Http2);
        }
    }

    private static void AddClustering(IClientBuilder client, GatewayOptions options)
    {
        if (options.Clustering != DatabaseConnection.PostgreSql)
        {
            IPEndPoint[] silos = [.. options.SiloGateways.Where(text => IPEndPoint.TryParse(text, out _)).Select(IPEndPoint.Parse)];
            client.UseStaticClustering(silos.Length > 0 ? silos : [GatewayOptions.DefaultSiloGateway]);
            return;
        }
        try
        {
            client.UseAdoNetClustering(database => (database.Invariant, database.ConnectionString) =
                (DatabaseConnection.PostgreSqlProvider, DatabaseConnection.Read(options.ConnectionString, options.ConnectionStringFile)));
            client.Configure<Orleans.Configuration.GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = SiloListPeriod);
        }
        catch (NotSupportedException exception)
        {
            throw new StartupException($"Gateway:Clustering '{options.Clustering}' needs the full build: {exception.Message}", exception);
        }
    }

    private static GatewayOptions Options(IServiceProvider services) => services.GetRequiredService<IOptions<GatewayOptions>>().Value;

    private static void ConfigureOrleans(IClientBuilder client, ConfigurationManager configuration)
    {
        // Read before the container exists; bad values are reported by the options validator at start.
        var options = new GatewayOptions();
        configuration.GetSection(GatewayOptions.Section).Bind(options);
        AddClustering(client, options);
        client.Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = options.ClusterId;
            cluster.ServiceId = options.ServiceId;
        });
        client.UseConnectionRetryFilter(async (_, cancellation) =>
        {
            // A silo that starts later is the normal case in a cluster that comes up together.
            await Task.Delay(SiloRetryDelay, TimeProvider.System, cancellation);
            return true;
        });
    }
}
