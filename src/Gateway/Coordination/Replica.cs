using Winnow.Gateway.Coordination.Calibration;

namespace Winnow.Gateway.Coordination;

/// <summary>A target pipeline with its drafter, held until it breaks, is lost, or is disposed.</summary>
/// <param name="pipeline">The target; disposed with the replica.</param>
/// <param name="drafter">The drafter, or <see langword="null"/>; disposed with the replica.</param>
/// <param name="lost">Cancelled when the right to run steps on it has gone to someone else.</param>
/// <param name="release">Gives back what stands behind the replica, such as a lease.</param>
public sealed class Replica(
    ITargetPipeline pipeline,
    IDraftClient? drafter = null,
    CancellationToken lost = default,
    Func<ValueTask>? release = null) : IAsyncDisposable
{
    /// <summary>The target.</summary>
    public ITargetPipeline Pipeline { get; } = pipeline;

    /// <summary>The drafter, or <see langword="null"/>.</summary>
    public IDraftClient? Drafter { get; } = drafter;

    /// <summary>Cancelled when the right to run steps on it has gone to someone else.</summary>
    public CancellationToken Lost { get; } = lost;

    /// <summary>Another coordinator ran it until now: clients of that one are about to ask again, and must not wait for anything that can be done without.</summary>
    public bool IsTakeover { get; init; }

    /// <summary>What was timed on it before it serves; <see langword="null"/> when nothing was.</summary>
    internal ReplicaCosts? Costs { get; set; }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (Drafter is not null)
            {
                await Drafter.DisposeAsync().ConfigureAwait(false);
            }
            await Pipeline.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            if (release is not null)
            {
                await release().ConfigureAwait(false);
            }
        }
    }
}
