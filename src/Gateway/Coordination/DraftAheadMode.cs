namespace Winnow.Gateway.Coordination;

/// <summary>When the draft model drafts ahead, <see cref="CoordinatorOptions.DraftAhead"/>.</summary>
public enum DraftAheadMode
{
    /// <summary>While it pays, as measured.</summary>
    Auto,

    /// <summary>Always.</summary>
    On,

    /// <summary>Never.</summary>
    Off,
}
