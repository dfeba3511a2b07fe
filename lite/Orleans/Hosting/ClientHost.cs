using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Client;
using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>Connects the client when its host starts and ends it when the host stops.</summary>
internal sealed class ClientHost(GatewayCaller caller, IClientConnectionRetryFilter retryFilter, IOptions<ClusterOptions> cluster) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        SiloHost.Validate(cluster.Value);
        while (true)
        {
            try
            {
                await caller.ConnectAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                if (!await retryFilter.ShouldRetryConnectionAttempt(e, cancellationToken))
                {
                    throw;
                }
            }
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken) => await caller.DisposeAsync();
}
