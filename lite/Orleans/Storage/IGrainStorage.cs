using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>Keeps grains' state. Implementations check versions: a write or clear with a stale ETag is refused.</summary>
public interface IGrainStorage
{
    /// <summary>Reads into <paramref name="grainState"/>: value, ETag and whether there is a record.</summary>
    Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <summary>Writes the value and sets the new ETag.</summary>
    /// <exception cref="InconsistentStateException">The record's version is not the one in <paramref name="grainState"/>.</exception>
    Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <summary>Removes the record.</summary>
    /// <exception cref="InconsistentStateException">The record's version is not the one in <paramref name="grainState"/>.</exception>
    Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
}
