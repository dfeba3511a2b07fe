using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Client;
using Orleans.Configuration;
using Orleans.Invocation;
using Orleans.Networking;
using Orleans.Runtime;

namespace Orleans.Hosting;

/// <summary>Registers what a silo or a client consists of.</summary>
internal static class OrleansServices
{
    internal static ISiloBuilder AddSilo(IServiceCollection services, IConfiguration configuration)
    {
        if (Find(services, silo: true) is { } existing)
        {
            return existing;
        }

        HostedBuilder builder = Register(services, configuration, silo: true);
        services.AddSingleton<SiloLog>();
        services.AddSingleton<GrainClassMap>();
        services.AddSingleton<Catalog>();
        services.AddSingleton<LocalCaller>();
        services.AddSingleton(provider => new ClusterClient(
            provider, provider.GetRequiredService<LocalCaller>(), () => provider.GetRequiredService<GrainClassMap>().Manifest));
        services.AddSingleton<GatewayHost>();
        AddClusterClient(services);
        services.AddHostedService<SiloHost>();
        return builder;
    }

    internal static IClientBuilder AddClient(IServiceCollection services, IConfiguration configuration)
    {
        if (Find(services, silo: false) is { } existing)
        {
            return existing;
        }

        HostedBuilder builder = Register(services, configuration, silo: false);
        services.AddSingleton<GatewayCaller>();
        services.TryAddSingleton<IClientConnectionRetryFilter, LinearBackoffConnectionRetryFilter>();
        services.AddSingleton(provider => new ClusterClient(
            provider, provider.GetRequiredService<GatewayCaller>(), () => provider.GetRequiredService<GatewayCaller>().Manifest));
        AddClusterClient(services);
        services.AddHostedService<ClientHost>();
        return builder;
    }

    private static void AddClusterClient(IServiceCollection services)
    {
        services.AddSingleton<IClusterClient>(provider => provider.GetRequiredService<ClusterClient>());
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<ClusterClient>());
    }

    private static HostedBuilder? Find(IServiceCollection services, bool silo)
    {
        HostedBuilder? builder = services
            .Where(descriptor => descriptor.ServiceType == typeof(HostedBuilder))
            .Select(descriptor => descriptor.ImplementationInstance as HostedBuilder)
            .FirstOrDefault();
        if (builder is not null && builder.IsSilo != silo)
        {
            throw new OrleansConfigurationException(
                "Do not call both UseOrleansClient/AddOrleansClient with UseOrleans/AddOrleans: the silo's process has a client already, remove the first.");
        }

        return builder;
    }

    private static HostedBuilder Register(IServiceCollection services, IConfiguration configuration, bool silo)
    {
        var builder = new HostedBuilder(services, configuration, silo);
        services.AddSingleton(builder);
        services.AddLogging();
        services.AddOptions();
        services.AddOptions<ClusterOptions>().Bind(configuration.GetSection("Orleans"));
        services.TryAddSingleton(TimeProvider.System);
        return builder;
    }
}
