using ILGPU;
using ILGPU.Runtime;

namespace Winnow.GpuWorker.Devices;

/// <summary>A buffer on a device with pinned memory of the same length on the host, through which it is filled and read. Grows, never shrinks.</summary>
/// <typeparam name="T">Element.</typeparam>
/// <param name="accelerator">The device.</param>
/// <param name="traffic">Counts what is fetched; <see langword="null"/> where nothing is.</param>
internal sealed class Staging<T>(Accelerator accelerator, HostTraffic? traffic = null) : IDisposable
    where T : unmanaged
{
    private const int LeastLength = 1024;
    private MemoryBuffer1D<T, Stride1D.Dense>? _device;
    private PageLockedArray1D<T>? _host;

    /// <summary>The pinned memory.</summary>
    public Span<T> Host => _host is null ? [] : _host.Span;

    /// <summary>The device's memory.</summary>
    public ArrayView<T> Device => _device?.View.BaseView ?? ArrayView<T>.Empty;

    /// <summary>Makes room; what was there is lost when there was not enough.</summary>
    /// <remarks>Memory is given back only when the device has done everything that was launched, so a pass may be under way.</remarks>
    public void Reserve(long length)
    {
        if (_device is not null && _device.Length >= length)
        {
            return;
        }
        long room = Math.Max(Math.Max(length, LeastLength), 2 * (_device?.Length ?? 0));
        accelerator.Synchronize();
        Dispose();
        _device = accelerator.Allocate1D<T>(room);
        _host = accelerator.AllocatePageLocked1D<T>(room);
    }

    /// <summary>Starts sending the first elements of the pinned memory to the device.</summary>
    public void Send(AcceleratorStream stream, int count)
    {
        if (count > 0)
        {
            Device.SubView(0, count).CopyFrom(stream, _host!.ArrayView.SubView(0, count));
        }
    }

    /// <summary>Starts fetching elements of another buffer of the device into the pinned memory; they are there once the stream is done.</summary>
    public void Fetch(AcceleratorStream stream, ArrayView<T> source)
    {
        if (source.Length > 0)
        {
            traffic?.Add(source.LengthInBytes);
            source.CopyTo(stream, _host!.ArrayView.SubView(0, source.Length));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _device?.Dispose();
        _host?.Dispose();
        _device = null;
        _host = null;
    }
}
