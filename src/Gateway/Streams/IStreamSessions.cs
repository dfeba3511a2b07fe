using Winnow.Contracts.Grains;

namespace Winnow.Gateway.Streams;

/// <summary>Where streams are kept for whoever takes them up again.</summary>
internal interface IStreamSessions
{
    /// <summary>Writes what every choice begins with. Never fails: what cannot be kept can only not be taken up again.</summary>
    Task OpenAsync(IReadOnlyList<SessionHead> heads);

    /// <summary>Where the choices of a stream stand, or <see langword="null"/> when it is not known.</summary>
    /// <exception cref="Coordination.GenerationException">It cannot be asked for now.</exception>
    Task<SessionSnapshot?> FindAsync(string id, CancellationToken cancellation);

    /// <summary>
    /// Before runs that generate other tokens than those before them: cuts every choice to what they go on from, and hands out their number. What earlier runs still send is ignored then.
    /// </summary>
    /// <param name="id">The stream.</param>
    /// <param name="runs">The choices that are generated further, with the tokens they go on from, and the run that generated the last of those.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The number; <see langword="null"/> when another run has begun since, and the session is to be read again.</returns>
    /// <exception cref="Coordination.GenerationException">It cannot be done now.</exception>
    Task<long?> BeginRunsAsync(string id, IReadOnlyList<Coordination.GenerationRequest> runs, CancellationToken cancellation);
}
