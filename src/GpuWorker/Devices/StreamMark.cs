using ILGPU.Runtime;

namespace Winnow.GpuWorker.Devices;

/// <summary>A moment in the work of a stream, for which other streams or the host wait. Set again, it is the later moment.</summary>
internal abstract class StreamMark : IDisposable
{
    /// <summary>A mark for streams of an accelerator: waited for by the device where a driver's call does that, else by the host.</summary>
    public static StreamMark For(Accelerator accelerator) =>
        accelerator.AcceleratorType == AcceleratorType.Cuda ? new CudaMark(accelerator, CudaDriver.Installed) : new HostMark();

    /// <summary>The moment is when everything launched on a stream so far is done.</summary>
    public abstract void Set(AcceleratorStream stream);

    /// <summary>What is launched on a stream from now on, maybe of another accelerator, begins after the moment.</summary>
    public abstract void HoldBack(AcceleratorStream stream);

    /// <summary>Waits for the moment.</summary>
    public abstract void Wait();

    /// <inheritdoc/>
    public abstract void Dispose();
}
