using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Winnow.ContractTests;

/// <summary>A storage of our own, registered as Winnow registers its: it notes what it is asked and fails as the grain's key says.</summary>
internal sealed class FaultyStorage(string name) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Probe probe = Probe.Of(grainId.Key.ToString()!);
        probe.Note($"read {name} {stateName} {grainId}");
        if (grainId.Key.ToString()!.Contains("unreadable", StringComparison.Ordinal))
        {
            throw new IOException("the disk is gone");
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        throw (grainId.Key.ToString()!.Contains("conflict", StringComparison.Ordinal)
            ? new InconsistentStateException("written by someone else", "stored-1", grainState.ETag)
            : new IOException("the disk is full"));

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.CompletedTask;
}
