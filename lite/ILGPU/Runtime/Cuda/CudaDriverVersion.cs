namespace ILGPU.Runtime.Cuda;

/// <summary>A version of NVIDIA's driver.</summary>
public readonly struct CudaDriverVersion
{
    private CudaDriverVersion(int major, int minor)
    {
        Major = major;
        Minor = minor;
    }

    /// <summary>Before the point.</summary>
    public int Major { get; }

    /// <summary>After the point.</summary>
    public int Minor { get; }

    /// <summary>A version from its numbers.</summary>
    public static CudaDriverVersion FromMajorMinor(int major, int minor) => new(major, minor);
}
