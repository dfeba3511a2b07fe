namespace ILGPU;

/// <summary>What a compiler inlines; nothing in this edition.</summary>
public enum InliningMode
{
    /// <summary>All it can.</summary>
    Aggressive = 0,

    /// <summary>All it can.</summary>
    Default = Aggressive,

    /// <summary>Little.</summary>
    Conservative = 1,

    /// <summary>Nothing but what is asked for.</summary>
    Disabled = 2,
}
