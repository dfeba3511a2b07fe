namespace ILGPU.Runtime.Cuda;

/// <summary>A CUDA device. This edition finds none.</summary>
public sealed class CudaDevice : Device
{
    private CudaDevice()
        : base(AcceleratorType.Cuda)
    {
    }

    /// <summary>Version of the driver.</summary>
    public CudaDriverVersion DriverVersion { get; }

    /// <summary>Compute capability; null when the compiler knows none.</summary>
    public CudaArchitecture? Architecture { get; }

    /// <summary>Newest PTX that compiler and driver both know; null when there is none.</summary>
    public CudaInstructionSet? InstructionSet { get; }

    /// <inheritdoc/>
    public override Accelerator CreateAccelerator(Context context)
        => throw new NotSupportedException("A CUDA accelerator was asked for, but the lite build has only the CPU accelerator; use the full build.");
}
