using Orleans;

namespace Winnow.Contracts.Grains;

/// <summary>
/// Owns a session: tokens, sampling state, resume point. Key: request id. Called by gateways in the background. Not reentrant.
/// Survives a restart: everything checkpointed.
/// </summary>
public interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>Records how far a choice is; idempotent, a shorter checkpoint never replaces a longer one.</summary>
    Task Checkpoint(SessionCheckpoint checkpoint);

    /// <summary>The latest checkpoint of every choice, or <see langword="null"/> when the session is unknown.</summary>
    Task<SessionSnapshot?> Get();

    /// <summary>Forgets the session.</summary>
    Task Clear();
}
