using Orleans.Runtime;

namespace Winnow.Silo.Storage;

/// <summary>Changes of a grain's state that are all or nothing, in memory as in the storage.</summary>
internal static class DurableChange
{
    /// <summary>Puts a new state in the place of the old one; should it not become durable, the old one stays.</summary>
    /// <param name="state">The grain's state.</param>
    /// <param name="next">The new one, another object: what is in memory now is not changed.</param>
    public static async Task ChangeAsync<T>(this IPersistentState<T> state, T next)
    {
        T before = state.State;
        state.State = next;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            state.State = before;
            throw;
        }
    }
}
