using Orleans.Providers;
using Orleans.Storage;

namespace Winnow.Silo.Storage;

/// <summary>Opens the durable state before anything else starts, so that a directory or database that cannot be used ends the start with one line.</summary>
/// <param name="services">Where the storage is registered.</param>
internal sealed class StateOpener(IServiceProvider services) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (services.GetService<PostgresState>() is { } database)
        {
            await database.CheckAsync(cancellationToken);
        }
        services.GetRequiredKeyedService<IGrainStorage>(ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
