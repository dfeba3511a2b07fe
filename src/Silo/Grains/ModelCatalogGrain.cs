using Orleans;
using Orleans.Runtime;
using Winnow.Contracts.Grains;

namespace Winnow.Silo.Grains;

/// <summary>The names of the models; everything else of a model is its grain's.</summary>
internal sealed class ModelCatalogGrain([PersistentState("catalog")] IPersistentState<ModelCatalogState> state) : Grain, IModelCatalogGrain
{
    /// <inheritdoc/>
    public async Task Add(ModelDefinition definition)
    {
        if (!state.State.Names.Contains(definition.Name, StringComparer.Ordinal))
        {
            state.State.Names.Add(definition.Name);
            await state.WriteStateAsync();
        }
        await Model(definition.Name).Define(definition);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ModelStatus>> List() =>
        await Task.WhenAll(state.State.Names.Order(StringComparer.Ordinal).Select(name => Model(name).GetStatus()));

    /// <inheritdoc/>
    public Task WorkersChanged() => Task.WhenAll(state.State.Names.Select(name => Model(name).WorkersChanged()));

    private IModelGrain Model(string name) => GrainFactory.GetGrain<IModelGrain>(name);
}

/// <summary>What of the catalogue survives a restart.</summary>
[GenerateSerializer, Alias("Winnow.ModelCatalogState")]
public sealed record ModelCatalogState
{
    /// <summary>Version of this record.</summary>
    [Id(0)] public int Version { get; set; } = 1;

    /// <summary>Names of the models.</summary>
    [Id(1)] public List<string> Names { get; set; } = [];
}
