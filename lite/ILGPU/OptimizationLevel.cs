namespace ILGPU;

/// <summary>How much a compiler optimises; nothing in this edition.</summary>
public enum OptimizationLevel
{
    /// <summary>Not at all.</summary>
    O0 = 0,

    /// <summary>For debugging.</summary>
    Debug = O0,

    /// <summary>Much.</summary>
    O1 = 1,

    /// <summary>For speed.</summary>
    Release = O1,

    /// <summary>As much as possible.</summary>
    O2 = 2,
}
