namespace ILGPU.Runtime.Cuda;

/// <summary>A stream of a CUDA device. This edition has none.</summary>
public sealed class CudaStream : AcceleratorStream
{
    private CudaStream(Accelerator accelerator)
        : base(accelerator)
    {
    }

    /// <summary>The driver's handle.</summary>
    public IntPtr StreamPtr { get; }

    /// <inheritdoc/>
    public override void Synchronize() => ObjectDisposedException.ThrowIf(IsDisposed, this);

    /// <inheritdoc/>
    protected override void DisposeAcceleratorObject(bool disposing)
    {
    }

    private protected override ProfilingMarker AddProfilingMarkerInternal() => throw new NotSupportedException("The lite build has no CUDA streams; use the full build.");
}
