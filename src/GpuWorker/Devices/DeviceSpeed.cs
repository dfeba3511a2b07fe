using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Devices;

/// <summary>How fast the worker's device moves memory, measured once, before anything is loaded.</summary>
internal sealed class DeviceSpeed
{
    /// <summary>Measures.</summary>
    /// <param name="backend">The worker's backend; only a device's is measured.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="DeviceException">The device is lost.</exception>
    public DeviceSpeed(IComputeBackend backend, TimeProvider time)
    {
        try
        {
            CopyBytesPerSecond = (backend as DeviceBackend)?.MeasureCopyBandwidth(time) ?? 0;
        }
        catch (InsufficientMemoryException)
        {
            // Others use the device: what is free may still do for what will be loaded, which is checked then.
        }
    }

    /// <summary>Bytes that a copy within the device's memory reads and writes per second; 0 where that was not measured.</summary>
    public double CopyBytesPerSecond { get; }
}
