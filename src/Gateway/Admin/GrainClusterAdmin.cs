using Orleans;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Api;
using Winnow.Gateway.Coordination;

namespace Winnow.Gateway.Admin;

/// <summary>Asks the cluster's grains.</summary>
/// <param name="cluster">The silos.</param>
/// <param name="calls">How they are asked.</param>
internal sealed class GrainClusterAdmin(IClusterClient cluster, SiloCalls calls) : IClusterAdmin
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<ModelStatus>> ListModelsAsync(CancellationToken cancellation) => AskAsync(() => Catalog.List(), cancellation);

    /// <inheritdoc/>
    public Task<IReadOnlyList<WorkerRecord>> ListWorkersAsync(CancellationToken cancellation) =>
        AskAsync(() => cluster.GetGrain<IWorkerDirectoryGrain>(0).List(), cancellation);

    /// <inheritdoc/>
    public Task DefineAsync(ModelDefinition definition, CancellationToken cancellation) => AskAsync(
        async () =>
        {
            await Catalog.Add(definition);
            return true;
        },
        cancellation);

    /// <inheritdoc/>
    public Task<bool> UnloadAsync(string name, bool finish, CancellationToken cancellation) => AskAsync(() => Catalog.Remove(name, finish), cancellation);

    /// <inheritdoc/>
    public Task<bool> DrainAsync(string workerId, CancellationToken cancellation) =>
        AskAsync(() => cluster.GetGrain<IWorkerGrain>(workerId).Drain(), cancellation);

    /// <inheritdoc/>
    public Task<WorkerHealth?> ResumeAsync(string workerId, CancellationToken cancellation) =>
        AskAsync(() => cluster.GetGrain<IWorkerGrain>(workerId).Resume(), cancellation);

    private IModelCatalogGrain Catalog => cluster.GetGrain<IModelCatalogGrain>(0);

    private async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            return await calls.AskAsync(ask, cancellation);
        }
        catch (GenerationException error)
        {
            throw error.Type == GenerationErrors.Unavailable
                ? ApiException.Unavailable("silo_unavailable", error.Message, error.RetryAfter ?? TimeSpan.Zero)
                : ErrorMapping.Map(error);
        }
    }
}
