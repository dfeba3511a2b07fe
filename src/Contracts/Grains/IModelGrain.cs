using Orleans;

namespace Winnow.Contracts.Grains;

/// <summary>
/// Desired state, placement and coordinator lease of one model.
/// Key: the model's name. Called by: the catalogue at start, workers' registration, gateways. Not reentrant.
/// Survives a restart: the definition and the last epoch; the placement is made anew.
/// </summary>
public interface IModelGrain : IGrainWithStringKey
{
    /// <summary>Sets what is to be served and starts placing it.</summary>
    Task Define(ModelDefinition definition);

    /// <summary>Current phase, detail and placement.</summary>
    Task<ModelStatus> GetStatus();

    /// <summary>A worker came, changed or went; re-evaluates the placement.</summary>
    Task WorkersChanged();

    /// <summary>
    /// Acquires or renews the right to coordinate the replica. The epoch grows when the holder changes.
    /// </summary>
    Task<CoordinatorLease> AcquireLease(string gatewayId, string gatewayAddress);

    /// <summary>Gives the lease back; does nothing when <paramref name="gatewayId"/> does not hold it.</summary>
    Task ReleaseLease(string gatewayId);
}

/// <summary>
/// The models of this cluster. Key: 0. Called by the silo at start and by gateways for <c>/v1/models</c>. Not reentrant.
/// Survives a restart: the list of names.
/// </summary>
public interface IModelCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>Adds or replaces a model and starts placing it.</summary>
    Task Add(ModelDefinition definition);

    /// <summary>Status of every model, by name.</summary>
    Task<IReadOnlyList<ModelStatus>> List();

    /// <summary>A worker came, changed or went; every model is told.</summary>
    Task WorkersChanged();
}
