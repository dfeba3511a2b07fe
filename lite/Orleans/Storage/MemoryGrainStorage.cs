using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Orleans.Storage;

/// <summary>Grain state in memory, serialised as in any other store.</summary>
internal sealed class MemoryGrainStorage : IGrainStorage
{
    private readonly Dictionary<(string State, GrainId Grain), Record> _records = [];
    private readonly Lock _lock = new();
    private long _lastVersion;

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Record? record;
        lock (_lock)
        {
            record = _records.GetValueOrDefault((stateName, grainId));
        }

        grainState.State = record is null ? StateFactory.Create<T>() : Payload.Read<T>(record.Value);
        grainState.ETag = record?.ETag;
        grainState.RecordExists = record is not null;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        byte[] value = Payload.Write(grainState.State);
        lock (_lock)
        {
            CheckVersion((stateName, grainId), grainState.ETag);
            grainState.ETag = (++_lastVersion).ToString(CultureInfo.InvariantCulture);
            _records[(stateName, grainId)] = new Record(value, grainState.ETag);
        }

        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (_lock)
        {
            CheckVersion((stateName, grainId), grainState.ETag);
            _records.Remove((stateName, grainId));
        }

        grainState.State = StateFactory.Create<T>();
        grainState.ETag = null;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private void CheckVersion((string State, GrainId Grain) key, string? eTag)
    {
        string? stored = _records.GetValueOrDefault(key)?.ETag;
        if (stored != eTag)
        {
            throw new InconsistentStateException(
                $"State '{key.State}' of grain '{key.Grain}' is stored with version '{stored}', the grain has '{eTag}'; read it again.", stored, eTag);
        }
    }

    private sealed record Record(byte[] Value, string ETag);
}
