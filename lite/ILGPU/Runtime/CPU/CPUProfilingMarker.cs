using System.Diagnostics;

namespace ILGPU.Runtime.CPU;

/// <summary>A moment on the CPU accelerator, whose work is always done when the mark is made.</summary>
internal sealed class CPUProfilingMarker(Accelerator accelerator) : ProfilingMarker(accelerator)
{
    private readonly long _moment = Stopwatch.GetTimestamp();

    public override void Synchronize()
    {
    }

    public override TimeSpan MeasureFrom(ProfilingMarker marker)
        => marker is CPUProfilingMarker earlier
            ? Stopwatch.GetElapsedTime(earlier._moment, _moment)
            : throw new ArgumentException("The other mark is not one of the CPU accelerator; measure between marks of one accelerator.", nameof(marker));

    protected override void DisposeAcceleratorObject(bool disposing)
    {
    }
}
