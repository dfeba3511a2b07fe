using ILGPU.Runtime;

namespace Winnow.Kernels.Ptx.Tests.Runtime;

/// <summary>A stream whose work is done when it is asked for.</summary>
internal sealed class PtxStream(PtxAccelerator accelerator) : AcceleratorStream(accelerator)
{
    public override void Synchronize() => accelerator.CountStreamWait();

    protected override ProfilingMarker AddProfilingMarkerInternal() => throw new NotSupportedException("The machine has no clock.");

    protected override void DisposeAcceleratorObject(bool disposing)
    {
    }
}
