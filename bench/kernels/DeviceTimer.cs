using ILGPU;
using ILGPU.Runtime;

namespace Winnow.KernelBench;

/// <summary>
/// Times launches by marks in the device's own queue. Launches of a sample wait behind copies that keep the device busy until the host has queued
/// them all, so that the host's part of launching is not in the figure.
/// </summary>
internal sealed class DeviceTimer : IDisposable
{
    private const long CopyBytes = 256L << 20;
    private const double HostMargin = 1.5;
    private readonly Accelerator _accelerator;
    private readonly TimeProvider _time;
    private readonly int _samples;
    private readonly MemoryBuffer1D<byte, Stride1D.Dense>? _source;
    private readonly MemoryBuffer1D<byte, Stride1D.Dense>? _target;

    /// <summary>Makes a timer.</summary>
    /// <param name="accelerator">Device; its context was made with profiling.</param>
    /// <param name="samples">Samples of a figure.</param>
    /// <param name="time">The host's clock.</param>
    public DeviceTimer(Accelerator accelerator, int samples, TimeProvider time)
    {
        _accelerator = accelerator;
        _samples = samples;
        _time = time;
        // The processor's accelerator runs a launch before it returns: there is no queue to fill.
        if (accelerator.AcceleratorType != AcceleratorType.CPU)
        {
            _source = accelerator.Allocate1D<byte>(CopyBytes);
            _target = accelerator.Allocate1D<byte>(CopyBytes);
            _source.MemSetToZero();
        }
    }

    /// <summary>Times of a launch, one for each sample, the shortest first.</summary>
    /// <param name="launches">Launches of a sample.</param>
    /// <param name="launch">Queues the launch with a number, from 0 on.</param>
    public IReadOnlyList<TimeSpan> Measure(int launches, Action<int> launch)
    {
        int copies = CopiesFor(launches, launch);
        var times = new TimeSpan[_samples];
        for (int i = 0; i < times.Length; i++)
        {
            Copy(copies);
            times[i] = Time(launches, launch) / launches;
        }
        Array.Sort(times);
        return times;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _source?.Dispose();
        _target?.Dispose();
    }

    // The first launches are compiled and warm; then it is measured how long the host needs to queue them and how long a copy takes.
    private int CopiesFor(int launches, Action<int> launch)
    {
        Time(launches, launch);
        if (_source is null)
        {
            return 0;
        }
        Copy(1);
        TimeSpan copy = Time(1, _ => Copy(1));
        long start = _time.GetTimestamp();
        for (int i = 0; i < launches; i++)
        {
            launch(i);
        }
        TimeSpan host = _time.GetElapsedTime(start);
        _accelerator.Synchronize();
        return 1 + (int)Math.Ceiling(HostMargin * (host / copy));
    }

    private TimeSpan Time(int launches, Action<int> launch)
    {
        AcceleratorStream stream = _accelerator.DefaultStream;
        using ProfilingMarker start = stream.AddProfilingMarker();
        for (int i = 0; i < launches; i++)
        {
            launch(i);
        }
        using ProfilingMarker end = stream.AddProfilingMarker();
        end.Synchronize();
        return end - start;
    }

    private void Copy(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _source!.View.CopyTo(_accelerator.DefaultStream, _target!.View);
        }
    }
}
