namespace ILGPU.Runtime;

/// <summary>A mark in a stream that knows when it was reached.</summary>
public abstract class ProfilingMarker : AcceleratorObject
{
    private protected ProfilingMarker(Accelerator accelerator)
        : base(accelerator)
    {
    }

    /// <summary>The time between two marks.</summary>
    /// <param name="end">The later mark.</param>
    /// <param name="start">The earlier mark.</param>
    public static TimeSpan operator -(ProfilingMarker end, ProfilingMarker start)
    {
        ArgumentNullException.ThrowIfNull(end);
        return end.MeasureFrom(start);
    }

    /// <summary>Waits until the mark is reached.</summary>
    public abstract void Synchronize();

    /// <summary>The time from another mark to this one.</summary>
    /// <param name="marker">The earlier mark.</param>
    /// <returns>The time.</returns>
    public abstract TimeSpan MeasureFrom(ProfilingMarker marker);
}
