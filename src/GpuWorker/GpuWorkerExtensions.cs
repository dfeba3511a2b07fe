using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Prometheus;
using Winnow.Fetching;
using Winnow.GpuWorker.Control;
using Winnow.GpuWorker.Devices;
using Winnow.GpuWorker.Engine;
using Winnow.GpuWorker.Loading;
using Winnow.GpuWorker.Pipeline;
using Winnow.Hosting;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker;

/// <summary>Adds a worker to a process.</summary>
public static class GpuWorkerExtensions
{
    /// <summary>Registers the worker's services, options and endpoints.</summary>
    /// <param name="builder">Builder made by <see cref="WinnowProcess.CreateBuilder(ProcessRole, string[])"/>.</param>
    public static WebApplicationBuilder AddGpuWorker(this WebApplicationBuilder builder)
    {
        builder.AddValidatedOptions<WorkerOptions, WorkerOptionsValidator>(WorkerOptions.Section);
        builder.AddEndpoints(services =>
        {
            WorkerOptions options = services.GetRequiredService<IOptions<WorkerOptions>>().Value;
            return
            [
                new ProcessEndpoint(ProcessEndpoint.Grpc, options.Listen, HttpProtocols.Http2),
                new ProcessEndpoint(ProcessEndpoint.Http, options.HttpListen, HttpProtocols.Http1),
            ];
        });
        builder.AddModelLibrary();
        IServiceCollection services = builder.Services;
        services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = ClusterChannels.MaxMessageBytes);
        services.AddSingleton(provider => new ClusterToken(provider.GetRequiredService<IOptions<WorkerOptions>>().Value.ClusterToken));
        services.AddSingleton<ClusterChannels>();
        services.AddSingleton<DeviceCatalog>();
        services.AddSingleton(provider => OrNoStart(
            () => provider.GetRequiredService<DeviceCatalog>().Resolve(provider.GetRequiredService<IOptions<WorkerOptions>>().Value.Devices)));
        services.AddSingleton(provider => OrNoStart(
            () => provider.GetRequiredService<DeviceCatalog>().OpenBackend(provider.GetRequiredService<DeviceDescription>())));
        services.AddSingleton(provider => OrNoStart(
            () => ActivatorUtilities.CreateInstance<DeviceSpeed>(provider)));
        services.AddSingleton<DeviceLoop>().AddSingleton<MemoryBudget>().AddSingleton<WorkerDevice>();
        services.AddSingleton<EpochFence>().AddSingleton<ShardTable>().AddSingleton<StepObserver>();
        services.AddSingleton<ModelLoader>().AddSingleton<ShardLoading>().AddSingleton<WorkerInventory>().AddSingleton<WorkerCalls>();
        services.AddSingleton<IDrainStep, WorkerDrain>();
        services.AddSingleton<PeerLatencies>().AddHostedService<SiloLink>();
        return builder;
    }

    /// <summary>Maps the worker's gRPC service, health and metrics.</summary>
    public static void MapGpuWorker(this WebApplication app)
    {
        app.UseClusterToken();
        app.MapGrpcService<WorkerService>();
        app.MapProcessHealth();
        WorkerMetrics.Publish();
        app.MapMetrics();
    }

    // A device that is not there or refuses is told in one line.
    private static T OrNoStart<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (DeviceException exception)
        {
            throw new StartupException(exception.Message, exception);
        }
    }
}
