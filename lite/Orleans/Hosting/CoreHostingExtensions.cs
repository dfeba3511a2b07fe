using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>Clustering of a silo.</summary>
public static class CoreHostingExtensions
{
    /// <summary>A silo on this machine, its gateway port open on loopback.</summary>
    /// <param name="builder">The silo.</param>
    /// <param name="siloPort">Port for other silos; not opened by the lite edition.</param>
    /// <param name="gatewayPort">Port for outside clients.</param>
    /// <param name="primarySiloEndpoint">Endpoint of the first silo; the lite edition has no other and accepts only its own.</param>
    /// <param name="serviceId">See <see cref="ClusterOptions.ServiceId"/>.</param>
    /// <param name="clusterId">See <see cref="ClusterOptions.ClusterId"/>.</param>
    /// <exception cref="NotSupportedException">The primary silo is another one.</exception>
    public static ISiloBuilder UseLocalhostClustering(
        this ISiloBuilder builder,
        int siloPort = EndpointOptions.DEFAULT_SILO_PORT,
        int gatewayPort = EndpointOptions.DEFAULT_GATEWAY_PORT,
        IPEndPoint? primarySiloEndpoint = null,
        string serviceId = ClusterOptions.DevelopmentId,
        string clusterId = ClusterOptions.DevelopmentId)
    {
        if (primarySiloEndpoint is not null && primarySiloEndpoint.Port != siloPort)
        {
            throw new NotSupportedException(
                $"Primary silo '{primarySiloEndpoint}' is not this silo (port '{siloPort}'); the lite build has one silo, use the full build for more.");
        }

        builder.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = IPAddress.Loopback;
            options.SiloPort = siloPort;
            options.GatewayPort = gatewayPort;
        });
        builder.Services.ConfigureCluster(serviceId, clusterId);
        return builder;
    }

    internal static void ConfigureCluster(this IServiceCollection services, string serviceId, string clusterId)
    {
        // The development names are only a fallback: names configured elsewhere win.
        if (serviceId == ClusterOptions.DevelopmentId && clusterId == ClusterOptions.DevelopmentId)
        {
            services.PostConfigure<ClusterOptions>(options =>
            {
                options.ServiceId = string.IsNullOrWhiteSpace(options.ServiceId) ? serviceId : options.ServiceId;
                options.ClusterId = string.IsNullOrWhiteSpace(options.ClusterId) ? clusterId : options.ClusterId;
            });
            return;
        }

        services.Configure<ClusterOptions>(options =>
        {
            options.ServiceId = serviceId;
            options.ClusterId = clusterId;
        });
    }
}
