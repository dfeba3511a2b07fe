using Orleans;
using Winnow.Contracts.Grains;

namespace Winnow.Silo.Grains;

/// <summary>The list of workers, rebuilt from their registrations after a restart.</summary>
internal sealed class WorkerDirectoryGrain : Grain, IWorkerDirectoryGrain
{
    private readonly SortedDictionary<string, WorkerRecord> _workers = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task Update(WorkerRecord worker)
    {
        if (_workers.TryGetValue(worker.WorkerId, out WorkerRecord? known) && known.Incarnation > worker.Incarnation)
        {
            return;
        }
        _workers[worker.WorkerId] = worker;
        foreach (WorkerHealth health in Enum.GetValues<WorkerHealth>())
        {
            SiloMetrics.Workers.WithLabels(health.ToString().ToLowerInvariant()).Set(_workers.Values.Count(w => w.Health == health));
        }
        await GrainFactory.GetGrain<IModelCatalogGrain>(0).WorkersChanged();
    }

    /// <inheritdoc/>
    /// <remarks>An array: what a collection expression makes of the interface has no codec.</remarks>
    public Task<IReadOnlyList<WorkerRecord>> List() => Task.FromResult<IReadOnlyList<WorkerRecord>>(_workers.Values.ToArray());
}
