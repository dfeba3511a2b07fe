using Orleans;

namespace Winnow.Contracts.Grains;

/// <summary>
/// Desired state of one model, and how many replicas serve it. Key: the model's name. Called by the catalogue. Not reentrant.
/// Survives a restart: the definition and how many replicas were ever asked to serve.
/// </summary>
public interface IModelGrain : IGrainWithStringKey
{
    /// <summary>Sets what is to be served and starts placing it; replicas beyond the wanted number are retired.</summary>
    Task Define(ModelDefinition definition);

    /// <summary>What is wanted and how far every replica is.</summary>
    Task<ModelStatus> GetStatus();

    /// <summary>A worker came, changed or went; every replica re-evaluates its placement.</summary>
    Task WorkersChanged();

    /// <summary>Stops serving; <see langword="true"/> once no worker and no gateway has anything of it any more. To be called until then.</summary>
    /// <param name="finish">Whether running requests may end first.</param>
    Task<bool> Retire(bool finish);
}

/// <summary>
/// The models of this cluster. Key: 0. Called by the silo at start and by gateways. Not reentrant.
/// Survives a restart: the names, and which of them are on their way out.
/// </summary>
public interface IModelCatalogGrain : IGrainWithIntegerKey
{
    /// <summary>Adds or replaces a model and starts placing it.</summary>
    Task Add(ModelDefinition definition);

    /// <summary>Status of every model, by name.</summary>
    Task<IReadOnlyList<ModelStatus>> List();

    /// <summary>A worker came, changed or went; every model is told.</summary>
    Task WorkersChanged();

    /// <summary>Starts to unload a model; <see langword="false"/> when there is none of that name.</summary>
    /// <param name="name">Model name.</param>
    /// <param name="finish">Whether running requests may end first.</param>
    Task<bool> Remove(string name, bool finish);
}
