using ILGPU;
using ILGPU.Runtime;

namespace Winnow.GpuWorker.Devices;

/// <summary>How fast a device copies within its own memory: the ceiling of every kernel that is limited by memory.</summary>
public static class CopyBandwidth
{
    private const long MostBytes = 1L << 30;
    private const long MostBytesEmulated = 64L << 20;
    private const int ShareOfMemory = 8;
    private const int Passes = 7;

    /// <summary>
    /// Bytes read and written per second by copies of up to 1 GiB, 64 MiB where the processor stands for a device: the median of seven, after one
    /// that does not count.
    /// </summary>
    /// <param name="accelerator">The device; it has room for two buffers of an eighth of its memory.</param>
    /// <param name="time">Clock.</param>
    public static double Measure(Accelerator accelerator, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        ArgumentNullException.ThrowIfNull(time);
        long most = accelerator.AcceleratorType == AcceleratorType.CPU ? MostBytesEmulated : MostBytes;
        long bytes = Math.Min(most, accelerator.MemorySize / ShareOfMemory);
        using MemoryBuffer1D<byte, Stride1D.Dense> source = accelerator.Allocate1D<byte>(bytes);
        using MemoryBuffer1D<byte, Stride1D.Dense> target = accelerator.Allocate1D<byte>(bytes);
        source.MemSetToZero();
        var seconds = new double[Passes];
        for (int i = -1; i < Passes; i++)
        {
            accelerator.Synchronize();
            long start = time.GetTimestamp();
            source.View.CopyTo(accelerator.DefaultStream, target.View);
            accelerator.Synchronize();
            seconds[Math.Max(0, i)] = time.GetElapsedTime(start).TotalSeconds;
        }
        Array.Sort(seconds);
        return 2.0 * bytes / seconds[Passes / 2];
    }
}
