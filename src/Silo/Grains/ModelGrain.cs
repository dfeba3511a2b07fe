using Orleans;
using Orleans.Runtime;
using Winnow.Contracts.Grains;
using Winnow.Silo.Storage;

namespace Winnow.Silo.Grains;

/// <summary>What is wanted of one model; its replicas do the work.</summary>
internal sealed class ModelGrain([PersistentState("model")] IPersistentState<ModelState> state) : Grain, IModelGrain
{
    private IGrainTimer? _retiring;
    private bool _isUnloading;
    private bool _finishes;

    private string Name => this.GetPrimaryKeyString();

    private int Wanted => _isUnloading ? 0 : state.State.Definition?.Replicas ?? 0;

    /// <inheritdoc/>
    public async Task Define(ModelDefinition definition)
    {
        _isUnloading = false;
        if (definition != state.State.Definition || state.State.Replicas < definition.Replicas)
        {
            await state.ChangeAsync(state.State with { Definition = definition, Replicas = Math.Max(state.State.Replicas, definition.Replicas) });
        }
        await Task.WhenAll(Enumerable.Range(0, definition.Replicas).Select(i => Replica(i).Define(definition)));
        await RetireSurplusAsync();
    }

    /// <inheritdoc/>
    public async Task<ModelStatus> GetStatus()
    {
        await RetireSurplusAsync();
        ReplicaStatus[] replicas = await Task.WhenAll(Enumerable.Range(0, state.State.Replicas).Select(StatusAsync));
        ReplicaStatus? best = replicas.Take(Math.Max(Wanted, 1)).MaxBy(r => (r.Placement is not null, r.Phase == ModelPhase.Loading, -r.Index));
        return new ModelStatus
        {
            Name = Name,
            Phase = _isUnloading ? ModelPhase.Unloading : best?.Phase ?? ModelPhase.WaitingForWorkers,
            Detail = best?.Detail ?? "The model is not defined.",
            Progress = best?.Progress ?? 0,
            Placement = _isUnloading ? null : best?.Placement,
            Replicas = replicas,
            Definition = state.State.Definition,
            FinishesRequests = _finishes,
        };
    }

    /// <inheritdoc/>
    public Task WorkersChanged() => Task.WhenAll(Enumerable.Range(0, state.State.Replicas).Select(i => Replica(i).WorkersChanged()));

    /// <inheritdoc/>
    public async Task<bool> Retire(bool finish)
    {
        (_isUnloading, _finishes) = (true, finish);
        await RetireSurplusAsync();
        if (state.State.Replicas > 0)
        {
            return false;
        }
        if (state.RecordExists)
        {
            await state.ClearStateAsync();
        }
        _isUnloading = false;
        return true;
    }

    /// <summary>One replica that fails, as one whose state file is damaged does, hides no other.</summary>
    private async Task<ReplicaStatus> StatusAsync(int index)
    {
        try
        {
            return await Replica(index).GetStatus();
        }
        catch (Exception exception) when (exception is not TimeoutException)
        {
            return new ReplicaStatus { Index = index, Phase = ModelPhase.Failed, Detail = exception.Message };
        }
    }

    /// <summary>Retires replicas beyond the wanted number, the last first, until none is left.</summary>
    private async Task RetireSurplusAsync()
    {
        int left = state.State.Replicas;
        bool[] gone = await Task.WhenAll(Enumerable.Range(Wanted, Math.Max(0, left - Wanted)).Select(i => Replica(i).Retire(!_isUnloading || _finishes)));
        while (left > Wanted && gone[left - 1 - Wanted])
        {
            left--;
        }
        if (left != state.State.Replicas)
        {
            await state.ChangeAsync(state.State with { Replicas = left });
        }
        Watch(left > Wanted);
    }

    private void Watch(bool hasSurplus)
    {
        if (hasSurplus && _retiring is null)
        {
            TimeSpan tick = TimeSpan.FromMilliseconds(250);
            _retiring = this.RegisterGrainTimer(_ => RetireSurplusAsync(), new GrainTimerCreationOptions(tick, tick) { KeepAlive = true });
        }
        else if (!hasSurplus)
        {
            _retiring?.Dispose();
            _retiring = null;
        }
    }

    private IReplicaGrain Replica(int index) => GrainFactory.GetGrain<IReplicaGrain>(ReplicaKeys.Of(Name, index));
}
