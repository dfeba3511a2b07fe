namespace ILGPU.Runtime.Cuda;

/// <summary>A version of PTX.</summary>
/// <param name="major">Before the point.</param>
/// <param name="minor">After the point.</param>
public readonly struct CudaInstructionSet(int major, int minor)
{
    /// <summary>Before the point.</summary>
    public int Major { get; } = major;

    /// <summary>After the point.</summary>
    public int Minor { get; } = minor;
}
