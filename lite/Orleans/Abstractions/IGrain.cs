using Orleans.Runtime;

namespace Orleans;

/// <summary>Base of every grain interface. Methods must return <see cref="Task"/>, <see cref="Task{TResult}"/>, <see cref="ValueTask"/> or <see cref="ValueTask{TResult}"/>.</summary>
public interface IGrain : IAddressable;
