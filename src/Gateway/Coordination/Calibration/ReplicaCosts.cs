namespace Winnow.Gateway.Coordination.Calibration;

/// <summary>What was timed on a replica before it served.</summary>
internal sealed class ReplicaCosts
{
    /// <summary>Times of steps by their rows.</summary>
    public SizeTimes Steps { get; } = new();

    /// <summary>Times of rounds of the draft model by the tokens drafted, of all sequences together.</summary>
    public SizeTimes Drafts { get; } = new();

    /// <summary>The last step that was sent: steps go on after it, and results up to it are nobody's.</summary>
    public long LastStep { get; set; }

    /// <summary>What ended the measuring before its time; <see langword="null"/> when nothing did.</summary>
    public Exception? Fault { get; set; }
}
