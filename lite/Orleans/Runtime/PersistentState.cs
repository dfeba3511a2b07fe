using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>A grain's state in a storage.</summary>
internal sealed class PersistentState<TState>(string name, GrainId grainId, IGrainStorage storage, SiloLog log)
    : IPersistentState<TState>, IStateReader
{
    private readonly GrainState<TState> _record = new(StateFactory.Create<TState>());

    /// <inheritdoc/>
    public TState State
    {
        get => _record.State;
        set => _record.State = value;
    }

    /// <inheritdoc/>
    public string? Etag => _record.ETag;

    /// <inheritdoc/>
    public bool RecordExists => _record.RecordExists;

    /// <inheritdoc/>
    public Task ReadStateAsync() => RunAsync(storage.ReadStateAsync, nameof(ReadStateAsync));

    /// <inheritdoc/>
    public Task WriteStateAsync() => RunAsync(storage.WriteStateAsync, nameof(WriteStateAsync));

    /// <inheritdoc/>
    public Task ClearStateAsync() => RunAsync(storage.ClearStateAsync, nameof(ClearStateAsync));

    private async Task RunAsync(Func<string, GrainId, IGrainState<TState>, Task> operation, string operationName)
    {
        try
        {
            await operation(name, grainId, _record);
        }
        catch (Exception e)
        {
            log.StorageFailed(e, operationName, name, grainId);
            if (e is OrleansException)
            {
                throw;
            }

            throw new OrleansException(
                $"Error from storage provider {storage.GetType().Name}.{name} during {operationName} for grain {grainId}: {e.Message}", e);
        }
    }
}
