using ILGPU.Runtime;

namespace Winnow.GpuWorker.Devices;

/// <summary>A mark that the host waits for, for every kind of accelerator: for all that the stream has at the time of waiting, and once.</summary>
internal sealed class HostMark : StreamMark
{
    private AcceleratorStream? _pending;

    /// <inheritdoc/>
    public override void Set(AcceleratorStream stream) => _pending = stream;

    /// <inheritdoc/>
    public override void HoldBack(AcceleratorStream stream)
    {
        if (stream != _pending)
        {
            Wait();
        }
    }

    /// <inheritdoc/>
    public override void Wait()
    {
        _pending?.Synchronize();
        _pending = null;
    }

    /// <inheritdoc/>
    public override void Dispose() => _pending = null;
}
