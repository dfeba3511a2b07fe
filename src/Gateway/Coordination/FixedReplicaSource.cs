namespace Winnow.Gateway.Coordination;

/// <summary>A replica that is there from the start and not made again when it breaks: for one process alone.</summary>
/// <param name="pipeline">The target.</param>
/// <param name="drafter">The drafter, or <see langword="null"/>.</param>
public sealed class FixedReplicaSource(ITargetPipeline pipeline, IDraftClient? drafter = null) : IReplicaSource
{
    private int _taken;

    /// <inheritdoc />
    public Task<Replica> AcquireAsync(CancellationToken cancellation) => Interlocked.Exchange(ref _taken, 1) == 0
        ? Task.FromResult(new Replica(pipeline, drafter))
        : Task.FromException<Replica>(new GenerationException(
            GenerationErrors.Unavailable, "The model's pipeline broke, and there is no other one in this process; start it again."));
}
