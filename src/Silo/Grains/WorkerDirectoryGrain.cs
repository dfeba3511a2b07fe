using Orleans;
using Winnow.Contracts.Grains;
using Winnow.Silo.Placement;

namespace Winnow.Silo.Grains;

/// <summary>The list of workers, rebuilt from their beats after a restart, with what replicas claim of their memory.</summary>
internal sealed partial class WorkerDirectoryGrain(ILogger<WorkerDirectoryGrain> logger) : Grain, IWorkerDirectoryGrain
{
    private readonly ILogger _logger = logger;
    private readonly SortedDictionary<string, WorkerRecord> _workers = new(StringComparer.Ordinal);
    private readonly ClaimLedger _ledger = new();

    /// <inheritdoc/>
    public Task Update(WorkerRecord worker)
    {
        WorkerRecord? known = _workers.GetValueOrDefault(worker.WorkerId);
        if (known is not null && known.Incarnation > worker.Incarnation)
        {
            return Task.CompletedTask;
        }
        _workers[worker.WorkerId] = worker;
        if (known is not null && known.Incarnation == worker.Incarnation && known.Health == worker.Health)
        {
            return Task.CompletedTask;
        }
        Tell();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task Forget(string workerId, long incarnation)
    {
        if (_workers.GetValueOrDefault(workerId)?.Incarnation <= incarnation)
        {
            _workers.Remove(workerId);
            Tell();
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    /// <remarks>An array: what a collection expression makes of the interface has no codec.</remarks>
    public Task<IReadOnlyList<WorkerRecord>> List() =>
        Task.FromResult<IReadOnlyList<WorkerRecord>>(_workers.Values.Select(w => w with { Claims = _ledger.Of(w.WorkerId) }).ToArray());

    /// <inheritdoc/>
    public Task<bool> Claim(string replica, IReadOnlyList<MemoryClaim> claims, IReadOnlyList<MemoryClaim>? seen) =>
        Task.FromResult(_ledger.TryReplace(replica, claims, seen, id => _workers.GetValueOrDefault(id)?.MemoryBytes));

    private void Tell()
    {
        foreach (WorkerHealth health in Enum.GetValues<WorkerHealth>())
        {
            SiloMetrics.Workers.WithLabels(health.ToString().ToLowerInvariant()).Set(_workers.Values.Count(w => w.Health == health));
        }
        _ = TellModelsAsync();
    }

    /// <summary>Not waited for by workers: the models call this grain too, and one of them that fails is none of theirs. Who is not told looks with the next tick.</summary>
    private async Task TellModelsAsync()
    {
        try
        {
            await GrainFactory.GetGrain<IModelCatalogGrain>(0).WorkersChanged();
        }
        catch (Exception exception)
        {
            LogNotTold(exception.Message);
        }
    }

    [LoggerMessage(EventId = 3003, Level = LogLevel.Warning, Message = "Models were not told that a worker changed: {Reason}")]
    private partial void LogNotTold(string reason);
}
