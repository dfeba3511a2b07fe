using Orleans.Runtime;

namespace Winnow.Silo.Tests.Support;

/// <summary>A grain's state that lives in memory.</summary>
internal sealed class StateInMemory<T>(T state) : IPersistentState<T>
{
    public T State { get; set; } = state;

    public string Etag => "";

    public bool RecordExists => true;

    public Task ClearStateAsync() => Task.CompletedTask;

    public Task ReadStateAsync() => Task.CompletedTask;

    /// <summary>How writes end.</summary>
    public Task Writing { get; set; } = Task.CompletedTask;

    public Task WriteStateAsync() => Writing;
}
