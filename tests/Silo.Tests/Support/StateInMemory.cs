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

    public Task WriteStateAsync() => Task.CompletedTask;
}
