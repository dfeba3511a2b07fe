using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Winnow.Contracts.Grains;
using Winnow.Fetching;
using Winnow.Gateway.Coordination.Forwarding;
using Winnow.Gateway.Coordination.Remote;
using Winnow.Hosting;

namespace Winnow.Gateway.Coordination;

/// <summary>Puts the coordination of cluster models into a container.</summary>
public static class CoordinationExtensions
{
    /// <summary>
    /// Registers <see cref="CoordinatorFactory"/> with its options. The container must also have an Orleans client and a
    /// <see cref="ProcessHealth"/>.
    /// </summary>
    /// <param name="services">Container.</param>
    /// <param name="configuration">Sections <see cref="CoordinatorOptions.Section"/> and <see cref="ReplicaOptions.Section"/>.</param>
    public static IServiceCollection AddCoordination(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<CoordinatorOptions>().Bind(configuration.GetSection(CoordinatorOptions.Section), RefuseUnknown).ValidateOnStart();
        services.AddOptions<ReplicaOptions>().Bind(configuration.GetSection(ReplicaOptions.Section), RefuseUnknown).ValidateOnStart();
        services.PostConfigure<ReplicaOptions>(options => options.GatewayId = options.GatewayId.Length > 0 ? options.GatewayId : $"gateway-{Guid.NewGuid():N}");
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CoordinatorOptions>, CoordinatorOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ReplicaOptions>, ReplicaOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new ClusterToken(provider.GetRequiredService<IOptions<ReplicaOptions>>().Value.ClusterToken));
        services.TryAddSingleton<ClusterChannels>();
        services.TryAddSingleton<ModelLibrary>();
        services.TryAddSingleton<ISessionCheckpoints>(MakeCheckpointer);
        services.TryAddSingleton<LeasedReplicaSources>();
        services.TryAddSingleton<SharedReplicas>();
        services.TryAddSingleton(provider => new CoordinatorFactory(
            provider.GetRequiredService<LeasedReplicaSources>(),
            provider.GetRequiredService<SharedReplicas>(),
            provider.GetRequiredService<ClusterChannels>(),
            provider.GetRequiredService<ISessionCheckpoints>(),
            provider.GetRequiredService<IOptions<CoordinatorOptions>>(),
            provider.GetRequiredService<ProcessHealth>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        return services;
    }

    private static void RefuseUnknown(BinderOptions binder) => binder.ErrorOnUnknownConfiguration = true;

    private static SessionCheckpointer MakeCheckpointer(IServiceProvider provider)
    {
        IClusterClient cluster = provider.GetRequiredService<IClusterClient>();
        return new SessionCheckpointer(
            request => cluster.GetGrain<ISessionGrain>(request),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<SessionCheckpointer>>());
    }
}
