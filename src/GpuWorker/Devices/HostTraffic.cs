namespace Winnow.GpuWorker.Devices;

/// <summary>Counts what a device's memory sends to the host: logits, where rows are not drawn on the device, are most of it.</summary>
internal sealed class HostTraffic
{
    /// <summary>Bytes so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Some are on their way.</summary>
    public void Add(long bytes) => Bytes += bytes;
}
