namespace Orleans.Core;

/// <summary>A piece of a grain's state with its value.</summary>
/// <typeparam name="TState">The value's type.</typeparam>
public interface IStorage<TState> : IStorage
{
    /// <summary>The value in memory; written by <see cref="IStorage.WriteStateAsync()"/> only.</summary>
    TState State { get; set; }
}
