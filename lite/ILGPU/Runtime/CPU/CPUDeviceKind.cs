namespace ILGPU.Runtime.CPU;

/// <summary>The devices that the CPU accelerator can imitate.</summary>
public enum CPUDeviceKind
{
    /// <summary>Warps of 4, groups of 16.</summary>
    Default,

    /// <summary>Warps of 32, groups of 1024.</summary>
    Nvidia,

    /// <summary>Warps of 32, groups of 256.</summary>
    AMD,

    /// <summary>Warps of 64, groups of 256.</summary>
    LegacyAMD,

    /// <summary>Warps of 16, groups of 128.</summary>
    Intel,
}
