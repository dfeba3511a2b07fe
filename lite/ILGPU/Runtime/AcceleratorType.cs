namespace ILGPU.Runtime;

/// <summary>The kinds of accelerators.</summary>
public enum AcceleratorType
{
    /// <summary>The processor.</summary>
    CPU,

    /// <summary>A device of NVIDIA's CUDA.</summary>
    Cuda,

    /// <summary>A device of OpenCL.</summary>
    OpenCL,
}
