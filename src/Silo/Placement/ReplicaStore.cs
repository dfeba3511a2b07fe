using Orleans.Runtime;
using Winnow.Contracts.Grains;
using Winnow.Silo.Grains;
using Winnow.Silo.Storage;

namespace Winnow.Silo.Placement;

/// <summary>A replica's durable state. Ticks and operations interleave with calls, so writes take turns, and nobody sees what is not durable yet.</summary>
/// <param name="state">The grain's state.</param>
internal sealed class ReplicaStore(IPersistentState<ReplicaState> state)
{
    private readonly SemaphoreSlim _writing = new(1, 1);

    /// <summary>What was there before, while the next is being written.</summary>
    private ReplicaState? _before;

    /// <summary>The state that is durable; to be changed by <see cref="WriteAsync"/> only.</summary>
    public ReplicaState State => _before ?? state.State;

    /// <summary>The newest epoch.</summary>
    public long Epoch => State.Epoch;

    /// <summary>Shards and draft model under the newest epoch: workers take a newer one with the first step that carries it.</summary>
    public ReplicaPlacement? Placement => State.Placement is not { } shards ? null : shards with
    {
        Epoch = State.Epoch,
        Draft = State.Draft,
        Model = shards.Model with { DraftPath = State.Definition?.DraftPath },
    };

    /// <summary>Changes the state once that is durable, and not at all if that fails.</summary>
    /// <param name="change">Gives properties of a copy other values; what a property holds is not to be changed itself.</param>
    public async Task WriteAsync(Action<ReplicaState> change)
    {
        await _writing.WaitAsync();
        try
        {
            ReplicaState next = state.State with { };
            change(next);
            _before = state.State;
            await state.ChangeAsync(next);
        }
        finally
        {
            _before = null;
            _writing.Release();
        }
    }

    /// <summary>Begins a new epoch, which fences whoever has an older one.</summary>
    public async Task<long> RaiseEpochAsync()
    {
        long epoch = 0;
        await WriteAsync(changed => epoch = ++changed.Epoch);
        return epoch;
    }

    /// <summary>Notes what workers are about to be asked to hold, so that it is freed even if this silo does not live to see them hold it.</summary>
    public Task HoldAsync(IReadOnlyCollection<HeldShard> shards, Action<ReplicaState>? also = null) => WriteAsync(changed =>
    {
        changed.Held = [.. changed.Held.Union(shards)];
        also?.Invoke(changed);
    });
}
