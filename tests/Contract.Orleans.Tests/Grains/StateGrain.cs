using Orleans;
using Orleans.Runtime;

namespace Winnow.ContractTests.Grains;

public class StateGrain([PersistentState("text", "memory")] IPersistentState<TextState> text) : Grain, IStateGrain
{
    private static int _activations;
    private readonly int _activation = Interlocked.Increment(ref _activations);

    public Task<StateView> View() => Task.FromResult(new StateView
    {
        Text = text.State.Text,
        Writes = text.State.Writes,
        Exists = text.RecordExists,
        HasVersion = text.Etag is not null,
        Activation = _activation,
    });

    public Task Write(string value)
    {
        text.State = text.State with { Text = value, Writes = text.State.Writes + 1 };
        return text.WriteStateAsync();
    }

    public Task Set(string value)
    {
        text.State.Text = value;
        return Task.CompletedTask;
    }

    public Task Read() => text.ReadStateAsync();

    public Task Clear() => text.ClearStateAsync();

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
