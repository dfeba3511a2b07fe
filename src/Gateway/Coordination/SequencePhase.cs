namespace Winnow.Gateway.Coordination;

/// <summary>Where a sequence stands in the running batch.</summary>
internal enum SequencePhase
{
    /// <summary>Without slot and blocks: new, or paused for want of memory, or waiting for a replica.</summary>
    Waiting,

    /// <summary>Has a slot and blocks.</summary>
    Running,

    /// <summary>Ended; nothing is held any more.</summary>
    Ended,
}
