using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Networking;
using Orleans.Runtime;

namespace Orleans.Hosting;

/// <summary>Starts and stops the silo with its host.</summary>
internal sealed class SiloHost(
    Catalog catalog,
    GatewayHost gateway,
    SiloLog log,
    IOptions<ClusterOptions> cluster,
    IOptions<GrainCollectionOptions> collection,
    IOptions<EndpointOptions> endpoint) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Validate(cluster.Value);
        Validate(collection.Value);
        catalog.Open();
        await gateway.StartAsync(cancellationToken);
        log.Started(endpoint.Value.GatewayPort);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Grains first, so that calls under way are answered.
            await catalog.CloseAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            log.StoppedEarly();
        }

        await gateway.StopAsync(cancellationToken);

        log.Stopped();
    }

    internal static void Validate(ClusterOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ClusterId) || string.IsNullOrWhiteSpace(options.ServiceId))
        {
            throw new OrleansConfigurationException(
                $"Configuration for ClusterOptions is invalid: ClusterId '{options.ClusterId}' and ServiceId '{options.ServiceId}' must not be empty.");
        }
    }

    private static void Validate(GrainCollectionOptions options)
    {
        if (options.CollectionQuantum <= TimeSpan.Zero)
        {
            throw new OrleansConfigurationException($"CollectionQuantum is set to {options.CollectionQuantum}. CollectionQuantum must be greater than 0");
        }

        foreach ((string name, TimeSpan age) in options.ClassSpecificCollectionAge.Append(new("CollectionAge", options.CollectionAge)))
        {
            if (age <= options.CollectionQuantum)
            {
                throw new OrleansConfigurationException(
                    $"{name} is set to {age}. It must be greater than CollectionQuantum, which is set to {options.CollectionQuantum}");
            }
        }
    }
}
