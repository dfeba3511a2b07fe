using Orleans.Core;

namespace Orleans.Runtime;

/// <summary>State injected into a grain's constructor by a <see cref="PersistentStateAttribute"/>; read before activation.</summary>
/// <typeparam name="TState">The value's type.</typeparam>
public interface IPersistentState<TState> : IStorage<TState>;
