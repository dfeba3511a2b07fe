namespace ILGPU.Runtime.Cuda;

/// <summary>A compute capability.</summary>
/// <param name="major">Before the point.</param>
/// <param name="minor">After the point.</param>
public readonly struct CudaArchitecture(int major, int minor)
{
    /// <summary>Before the point.</summary>
    public int Major { get; } = major;

    /// <summary>After the point.</summary>
    public int Minor { get; } = minor;

    /// <summary>Whether the first is newer.</summary>
    public static bool operator >(CudaArchitecture first, CudaArchitecture second) =>
        first.Major > second.Major || (first.Major == second.Major && first.Minor > second.Minor);

    /// <summary>Whether the first is older.</summary>
    public static bool operator <(CudaArchitecture first, CudaArchitecture second) => second > first;
}
