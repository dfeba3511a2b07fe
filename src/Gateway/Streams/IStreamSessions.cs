using Winnow.Contracts.Grains;

namespace Winnow.Gateway.Streams;

/// <summary>Where streams are kept for whoever takes them up again.</summary>
internal interface IStreamSessions
{
    /// <summary>Writes the first checkpoint of every choice. Never fails: what cannot be kept can only not be taken up again.</summary>
    Task OpenAsync(IReadOnlyList<SessionCheckpoint> choices);

    /// <summary>The latest checkpoints of a stream, or <see langword="null"/> when it is not known.</summary>
    /// <exception cref="Coordination.GenerationException">It cannot be asked for now.</exception>
    Task<SessionSnapshot?> FindAsync(string id, CancellationToken cancellation);
}
