namespace Winnow.Gateway.Coordination;

/// <summary>Something the coordinator's loop must look at.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Number">The replica's ordinal, the drafting round for <see cref="LoopEventKind.Drafts"/>, or the id from which sequences are newer for <see cref="LoopEventKind.GiveWay"/>.</param>
/// <param name="Payload">What goes with the kind.</param>
internal readonly record struct LoopEvent(LoopEventKind Kind, long Number = 0, object? Payload = null);

/// <summary>Kinds of <see cref="LoopEvent"/>.</summary>
internal enum LoopEventKind
{
    /// <summary>A request came, went, or reads again.</summary>
    Wake,

    /// <summary>A <see cref="RunningSequence"/> takes the place of the one that runs the same choice.</summary>
    TakeOver,

    /// <summary>A <see cref="RunName"/> runs elsewhere; earlier runs of its choice end.</summary>
    GiveWay,

    /// <summary>A <see cref="Coordination.Replica"/> is ready.</summary>
    ReplicaReady,

    /// <summary>No replica can be had; the payload is the exception.</summary>
    ReplicaRefused,

    /// <summary>Waiting for a replica took too long.</summary>
    RecoveryExpired,

    /// <summary>A <see cref="Inference.Execution.StepResult"/> came.</summary>
    Result,

    /// <summary>The pipeline broke or the replica was lost; the payload is the exception, if any.</summary>
    PipelineEnded,

    /// <summary>The drafter answered; the payload is a <see cref="Drafting.DraftAnswer"/>.</summary>
    Drafts,

    /// <summary>The drafter may not have answered in time.</summary>
    DraftsLate,

    /// <summary>The drafter has pushed branches.</summary>
    Branches,

    /// <summary>The first shard's early exit tells what it expects; the payload is a list of <see cref="Inference.Drafting.DraftMirror"/>.</summary>
    Mirrors,

    /// <summary>New requests are refused from now on, and the loop ends with the last running one.</summary>
    Drain,

    /// <summary>The loop ends now.</summary>
    Stop,
}
