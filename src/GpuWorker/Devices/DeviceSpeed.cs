using Microsoft.Extensions.Options;
using Winnow.Inference.Cpu;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Devices;

/// <summary>How fast the worker's device moves memory, measured once, before anything is loaded.</summary>
internal sealed class DeviceSpeed
{
    // Far from the caches of most machines, and read ten times in some tens of milliseconds.
    private const long ReadBytes = 64L << 20;

    /// <summary>Measures.</summary>
    /// <param name="backend">The worker's backend.</param>
    /// <param name="options">Threads of the processor.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="DeviceException">The device is lost.</exception>
    public DeviceSpeed(IComputeBackend backend, IOptions<WorkerOptions> options, TimeProvider time)
    {
        try
        {
            if (backend is DeviceBackend device)
            {
                CopyBytesPerSecond = device.MeasureCopyBandwidth(time);
            }
            else
            {
                int threads = options.Value.Threads > 0 ? options.Value.Threads : Environment.ProcessorCount;
                WeightBytesPerSecond = new CpuRoofline(time, threads).MeasureReadBandwidth(ReadBytes);
            }
        }
        catch (Exception exception) when (exception is InsufficientMemoryException or OutOfMemoryException)
        {
            // Others use the device: what is free may still do for what will be loaded, which is checked then.
        }
    }

    /// <summary>Bytes that a copy within the device's memory reads and writes per second; 0 where that was not measured.</summary>
    public double CopyBytesPerSecond { get; }

    /// <summary>Bytes of weights that the processor's threads read per second; 0 where that was not measured.</summary>
    public double WeightBytesPerSecond { get; }
}
