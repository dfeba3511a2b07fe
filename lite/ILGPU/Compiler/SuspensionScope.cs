namespace ILGPU.Compiler;

/// <summary>For whom a lane waits.</summary>
internal enum SuspensionScope
{
    /// <summary>For the lanes of its warp.</summary>
    Warp,

    /// <summary>For the lanes of its group.</summary>
    Group,
}
