namespace ILGPU;

/// <summary>The precision of mathematics; always the default in this edition.</summary>
public enum MathMode
{
    /// <summary>As the types say.</summary>
    Default = 0,

    /// <summary>Faster where a device has a faster way.</summary>
    Fast = 1,

    /// <summary>In 32 bits only.</summary>
    Fast32BitOnly = 2,
}
