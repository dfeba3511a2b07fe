using Winnow.Contracts.Grains;

namespace Winnow.Gateway.Admin;

/// <summary>What an operator may ask of the cluster.</summary>
public interface IClusterAdmin
{
    /// <summary>Every model with its replicas.</summary>
    Task<IReadOnlyList<ModelStatus>> ListModelsAsync(CancellationToken cancellation);

    /// <summary>Every worker that is known.</summary>
    Task<IReadOnlyList<WorkerRecord>> ListWorkersAsync(CancellationToken cancellation);

    /// <summary>Defines a model, or defines it anew, and starts placing it.</summary>
    Task DefineAsync(ModelDefinition definition, CancellationToken cancellation);

    /// <summary>Starts to unload a model; <see langword="false"/> when there is none of that name.</summary>
    /// <param name="name">Model name.</param>
    /// <param name="finish">Whether running requests may end first.</param>
    /// <param name="cancellation">Ends the wait.</param>
    Task<bool> UnloadAsync(string name, bool finish, CancellationToken cancellation);

    /// <summary>Takes what is placed on a worker elsewhere; <see langword="false"/> when there is no such worker.</summary>
    Task<bool> DrainAsync(string workerId, CancellationToken cancellation);

    /// <summary>Takes a drain back; the worker's health since, or <see langword="null"/> when there is no such worker.</summary>
    Task<WorkerHealth?> ResumeAsync(string workerId, CancellationToken cancellation);
}
