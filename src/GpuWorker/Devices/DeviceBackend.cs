using ILGPU.Runtime;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Devices;

/// <summary>The device backend: kernels compiled by ILGPU for one device, which all shards of the process share.</summary>
public sealed class DeviceBackend : IComputeBackend, IDisposable
{
    /// <summary>Changes whenever a kernel may give other bits.</summary>
    private const string Version = "2";

    private readonly DeviceDescription _device;
    private readonly Accelerator _accelerator;
    private readonly DeviceKernels _kernels;

    /// <summary>Opens a device.</summary>
    /// <param name="catalog">Where it was found; must outlive the backend.</param>
    /// <param name="device">The device, not the processor.</param>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public DeviceBackend(DeviceCatalog catalog, DeviceDescription device)
        : this(catalog.Open(device), device)
    {
    }

    internal DeviceBackend(Accelerator accelerator, DeviceDescription device)
    {
        _device = device;
        _accelerator = accelerator;
        _kernels = new DeviceKernels(accelerator);
    }

    /// <inheritdoc/>
    public string Name => "ilgpu";

    /// <inheritdoc/>
    public string KernelVersion => $"{Version}-{_device.Choice.Kind.ToString().ToLowerInvariant()}-{_device.Kernels}";

    /// <inheritdoc/>
    public string Device => $"{_device.Choice} {_device.Model}, {_device.Kernels} kernels";

    /// <summary>Bytes that a copy within the device's memory reads and writes per second.</summary>
    /// <param name="time">Clock.</param>
    /// <exception cref="DeviceException">The device is lost.</exception>
    /// <exception cref="InsufficientMemoryException">It has no room for two buffers.</exception>
    public double MeasureCopyBandwidth(TimeProvider time)
    {
        try
        {
            return CopyBandwidth.Measure(_accelerator, time);
        }
        catch (Exception exception) when (DeviceFaults.Describe(exception, _device.Choice.ToString()) is { } fault)
        {
            throw fault;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="DeviceException">A kernel cannot be compiled, or the device is lost.</exception>
    public IShard LoadShard(
        ModelFile file, ShardOptions options, IProgress<LoadProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ModelConfiguration model = ModelConfigurationReader.Read(file);
        ShardSpec spec = ShardSpec.From(model, options);
        string numerics = ShardNumerics.IdOf(this, file, model, spec, options.KvType);
        DeviceWeights? weights = null;
        try
        {
            weights = new DeviceWeightsLoader(file, model, spec, _accelerator, progress, cancellation).Load();
            return new DeviceShard(spec, weights, _kernels, options.KvType, numerics, _device.Choice.ToString());
        }
        catch (Exception exception)
        {
            weights?.Dispose();
            if (DeviceFaults.Describe(exception, _device.Choice.ToString()) is { } fault)
            {
                throw fault;
            }
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _kernels.Dispose();
        _accelerator.Dispose();
    }
}
