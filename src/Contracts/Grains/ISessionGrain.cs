using Orleans;

namespace Winnow.Contracts.Grains;

/// <summary>
/// Owns a session: tokens, sampling state, resume point. Key: request id. Called by gateways in the background. Not reentrant.
/// Survives a restart: everything checkpointed, until the session's time to live after its last checkpoint is over.
/// </summary>
public interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>Begins choices; those that have begun already stay as they are.</summary>
    Task Open(IReadOnlyList<SessionHead> heads);

    /// <summary>
    /// Adds new tokens of a choice. Idempotent: what the grain has already is ignored. When tokens before <see cref="SessionCheckpoint.Position"/> are missing, nothing is
    /// kept, and the caller sends again from the answer on.
    /// </summary>
    /// <returns>
    /// Generated tokens of the choice that are durable now, or <see cref="SessionCheckpoint.Unknown"/> when the choice's head is missing and was not sent.
    /// </returns>
    Task<int> Checkpoint(SessionCheckpoint checkpoint);

    /// <summary>
    /// Before choices generate other tokens than their runs so far, all of them or none: cuts each to what it goes on from, and hands out the number of the runs. What earlier runs still send
    /// is ignored from now on.
    /// </summary>
    /// <returns>
    /// The number for <see cref="SessionCheckpoint.Run"/>, higher than those of all runs before; <see cref="SessionRunStart.NotBegun"/> when a choice is unknown, another run of it has begun
    /// since it was read, or it has fewer tokens: the caller reads the session again.
    /// </returns>
    Task<long> BeginRuns(IReadOnlyList<SessionRunStart> starts);

    /// <summary>Where every choice stands, or <see langword="null"/> when the session is unknown.</summary>
    Task<SessionSnapshot?> Get();

    /// <summary>Forgets the session when its time to live is over.</summary>
    Task Expire();

    /// <summary>Forgets the session.</summary>
    Task Clear();
}
