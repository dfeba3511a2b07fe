using Orleans;
using Orleans.Runtime;
using Winnow.Contracts.Grains;
using Winnow.Silo.Storage;

namespace Winnow.Silo.Grains;

/// <summary>The names of the models; everything else of a model is its grain's.</summary>
internal sealed class ModelCatalogGrain([PersistentState("catalog")] IPersistentState<ModelCatalogState> state) : Grain, IModelCatalogGrain
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);
    private IGrainTimer? _removing;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Watch();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Add(ModelDefinition definition)
    {
        if (!state.State.Names.Contains(definition.Name, StringComparer.Ordinal) || state.State.Leaving.ContainsKey(definition.Name))
        {
            await state.ChangeAsync(Without(definition.Name) with { Names = [.. state.State.Names.Union([definition.Name], StringComparer.Ordinal)] });
        }
        await Model(definition.Name).Define(definition);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ModelStatus>> List() =>
        await Task.WhenAll(state.State.Names.Order(StringComparer.Ordinal).Select(StatusAsync));

    /// <inheritdoc/>
    public Task WorkersChanged() => Task.WhenAll(state.State.Names.Select(name => Model(name).WorkersChanged()));

    /// <inheritdoc/>
    public async Task<bool> Remove(string name, bool finish)
    {
        if (!state.State.Names.Contains(name, StringComparer.Ordinal))
        {
            return false;
        }
        await state.ChangeAsync(state.State with { Leaving = new Dictionary<string, bool>(state.State.Leaving) { [name] = finish } });
        await RemoveAsync();
        Watch();
        return true;
    }

    /// <summary>Asks models on their way out how far they are, and forgets those that are gone.</summary>
    private async Task RemoveAsync()
    {
        foreach ((string name, bool finish) in state.State.Leaving.ToArray())
        {
            if (await Model(name).Retire(finish))
            {
                await state.ChangeAsync(Without(name) with { Names = [.. state.State.Names.Where(known => known != name)] });
            }
        }
        if (state.State.Leaving.Count == 0)
        {
            _removing?.Dispose();
            _removing = null;
        }
    }

    /// <summary>One model that fails, as one whose state file is damaged does, hides no other. Time-outs pass, and are no word about the model.</summary>
    private async Task<ModelStatus> StatusAsync(string name)
    {
        try
        {
            return await Model(name).GetStatus();
        }
        catch (Exception exception) when (exception is not TimeoutException)
        {
            return new ModelStatus { Name = name, Phase = ModelPhase.Failed, Detail = exception.Message };
        }
    }

    private void Watch()
    {
        if (state.State.Leaving.Count > 0)
        {
            _removing ??= this.RegisterGrainTimer(_ => RemoveAsync(), new GrainTimerCreationOptions(Tick, Tick) { KeepAlive = true });
        }
    }

    /// <summary>The catalogue, with a model that is not on its way out.</summary>
    private ModelCatalogState Without(string leaving) =>
        state.State with { Leaving = state.State.Leaving.Where(entry => entry.Key != leaving).ToDictionary(StringComparer.Ordinal) };

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

    /// <summary>Those of them that are being unloaded, and whether their running requests may end first.</summary>
    [Id(2)] public Dictionary<string, bool> Leaving { get; set; } = [];
}
