using Orleans;
using Orleans.Runtime;
using Winnow.Contracts.Grains;

namespace Winnow.Silo.Grains;

/// <summary>The latest checkpoint of every choice of one request, on disk.</summary>
internal sealed class SessionGrain([PersistentState("session")] IPersistentState<SessionState> state) : Grain, ISessionGrain
{
    /// <inheritdoc/>
    public async Task Checkpoint(SessionCheckpoint checkpoint)
    {
        List<SessionCheckpoint> choices = state.State.Choices;
        int at = choices.FindIndex(c => c.Choice == checkpoint.Choice);
        if (at >= 0 && !IsNewer(checkpoint, choices[at]))
        {
            return;
        }
        if (at >= 0)
        {
            choices[at] = checkpoint;
        }
        else
        {
            choices.Add(checkpoint);
        }
        await state.WriteStateAsync();
    }

    /// <inheritdoc/>
    public Task<SessionSnapshot?> Get() => Task.FromResult(state.RecordExists
        ? new SessionSnapshot { Choices = state.State.Choices.OrderBy(c => c.Choice).ToArray() }
        : null);

    /// <inheritdoc/>
    public async Task Clear()
    {
        if (state.RecordExists)
        {
            await state.ClearStateAsync();
        }
        DeactivateOnIdle();
    }

    private static bool IsNewer(SessionCheckpoint checkpoint, SessionCheckpoint known) =>
        checkpoint.Tokens.Count > known.Tokens.Count || (checkpoint.Tokens.Count == known.Tokens.Count && checkpoint.FinishReason != known.FinishReason);
}

/// <summary>What of a session survives a restart.</summary>
[GenerateSerializer, Alias("Winnow.SessionState")]
public sealed record SessionState
{
    /// <summary>Version of this record.</summary>
    [Id(0)] public int Version { get; set; } = 1;

    /// <summary>Latest checkpoint of every choice.</summary>
    [Id(1)] public List<SessionCheckpoint> Choices { get; set; } = [];
}
