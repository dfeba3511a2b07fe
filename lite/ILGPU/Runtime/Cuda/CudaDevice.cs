namespace ILGPU.Runtime.Cuda;

/// <summary>A CUDA device. This edition finds none.</summary>
public sealed class CudaDevice : Device
{
    private CudaDevice()
        : base(AcceleratorType.Cuda)
    {
    }

    /// <inheritdoc/>
    public override Accelerator CreateAccelerator(Context context)
        => throw new NotSupportedException("A CUDA accelerator was asked for, but the lite build has only the CPU accelerator; use the full build.");
}
