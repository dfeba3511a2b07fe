namespace ILGPU.Runtime.CPU;

/// <summary>How the CPU accelerator runs the groups of a launch.</summary>
public enum CPUAcceleratorMode
{
    /// <summary>On several processors where that pays.</summary>
    Auto = 0,

    /// <summary>One after the other, in order.</summary>
    Sequential = 1,

    /// <summary>On several processors.</summary>
    Parallel = 2,
}
