using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Winnow.GpuWorker.Devices;

/// <summary>A mark that CUDA devices wait for among themselves: the host only queues the wait.</summary>
internal sealed class CudaMark : StreamMark
{
    private readonly Accelerator _accelerator;
    private readonly CudaDriver _driver;
    private readonly nint _event;

    /// <summary>Makes an event of a device.</summary>
    /// <param name="accelerator">The device; marks are set in its streams only.</param>
    /// <param name="driver">Its driver.</param>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public CudaMark(Accelerator accelerator, CudaDriver driver)
    {
        _accelerator = accelerator;
        _driver = driver;
        accelerator.Bind();
        _event = driver.CreateEvent(accelerator.Name);
    }

    /// <inheritdoc/>
    public override void Set(AcceleratorStream stream)
    {
        _accelerator.Bind();
        _driver.Record(_event, HandleOf(stream), _accelerator.Name);
    }

    /// <inheritdoc/>
    public override void HoldBack(AcceleratorStream stream)
    {
        stream.Accelerator.Bind();
        _driver.HoldBack(HandleOf(stream), _event, _accelerator.Name);
    }

    /// <inheritdoc/>
    public override void Wait()
    {
        _accelerator.Bind();
        _driver.Wait(_event, _accelerator.Name);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _accelerator.Bind();
        _driver.Destroy(_event);
    }

    // The default stream's handle is 0, which means that of the bound device.
    private static nint HandleOf(AcceleratorStream stream) => ((CudaStream)stream).StreamPtr;
}
