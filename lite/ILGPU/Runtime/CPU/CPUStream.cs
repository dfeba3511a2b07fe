namespace ILGPU.Runtime.CPU;

/// <summary>The stream of an accelerator that does everything at once.</summary>
internal sealed class CPUStream(Accelerator accelerator) : AcceleratorStream(accelerator)
{
    public override void Synchronize() => ObjectDisposedException.ThrowIf(IsDisposed, this);

    protected override void DisposeAcceleratorObject(bool disposing)
    {
    }

    private protected override ProfilingMarker AddProfilingMarkerInternal() => new CPUProfilingMarker(Accelerator);
}
