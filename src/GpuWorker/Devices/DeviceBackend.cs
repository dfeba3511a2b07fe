using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Devices;

/// <summary>
/// The device backend: kernels compiled by ILGPU for one device, or for several that share every layer, which all shards of the process share.
/// </summary>
public sealed class DeviceBackend : IComputeBackend, IDisposable
{
    /// <summary>Changes whenever a kernel may give other bits.</summary>
    private const string Version = "2";

    private readonly DeviceDescription _device;
    private readonly DeviceKernels[] _kernels;
    private readonly bool _direct;

    /// <summary>Opens a device, or several.</summary>
    /// <param name="catalog">Where it was found; must outlive the backend.</param>
    /// <param name="device">The device, not the processor.</param>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public DeviceBackend(DeviceCatalog catalog, DeviceDescription device)
        : this(catalog.OpenAll(device), device)
    {
    }

    /// <summary>Takes over opened devices.</summary>
    /// <param name="accelerators">One, or two or four that share every layer.</param>
    /// <param name="device">What they are.</param>
    /// <param name="direct">Whether devices send to each other's memory where they can, and not through the host.</param>
    /// <param name="variant">What the kernels are made of; the default for the best that each device has.</param>
    internal DeviceBackend(Accelerator[] accelerators, DeviceDescription device, bool direct = true, KernelVariant? variant = null)
    {
        _device = device;
        _kernels = [.. accelerators.Select(accelerator => new DeviceKernels(accelerator, variant))];
        _direct = direct && RankExchange.ReachEachOther(accelerators);
    }

    /// <inheritdoc/>
    public string Name => "ilgpu";

    /// <inheritdoc/>
    public string KernelVersion => $"{Version}-{_device.Choice.Kind.ToString().ToLowerInvariant()}-{_device.Kernels}";

    /// <inheritdoc/>
    public string Device
    {
        get
        {
            string exchange = _kernels.Length == 1 ? "" : _direct ? ", sums from device to device" : ", sums through the host";
            return $"{_device.Name} {_device.Model}, {_device.Kernels} kernels{exchange}";
        }
    }

    /// <summary>Checks that devices can share every layer of a model.</summary>
    /// <param name="file">The model.</param>
    /// <param name="devices">How many.</param>
    /// <exception cref="ArgumentException">They cannot; the message says why, and how many can.</exception>
    /// <exception cref="ModelFileException">The file lacks something.</exception>
    public static void RequireShareable(ModelFile file, int devices)
    {
        ArgumentNullException.ThrowIfNull(file);
        ModelConfiguration model = ModelConfigurationReader.Read(file);
        GraphTensors.Check(file, model);
        RankPart.Check(file, model, ShardSpec.From(model, new ShardOptions { KvBlockCount = 1 }), devices);
    }

    /// <summary>Bytes that a copy within the device's memory reads and writes per second; of several devices, of all together.</summary>
    /// <param name="time">Clock.</param>
    /// <exception cref="DeviceException">The device is lost.</exception>
    /// <exception cref="InsufficientMemoryException">It has no room for two buffers.</exception>
    public double MeasureCopyBandwidth(TimeProvider time)
    {
        try
        {
            return _kernels.Sum(kernels => CopyBandwidth.Measure(kernels.Accelerator, time));
        }
        catch (Exception exception) when (DeviceFaults.Describe(exception, _device.Name) is { } fault)
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
        GraphTensors.Check(file, model);
        RankPart.Check(file, model, spec, _kernels.Length);
        string numerics = ShardNumerics.IdOf(this, file, model, spec, options.KvType);
        List<IDisposable> loaded = [];
        try
        {
            var ranks = new DeviceRank[_kernels.Length];
            for (int i = 0; i < ranks.Length; i++)
            {
                RankPart part = new(i, ranks.Length);
                IProgress<LoadProgress>? partProgress = progress is null ? null : new RankProgress(progress, part);
                DeviceTensors tensors = new(file, _kernels[i], options.Threads, GraphTensors.FileBytes(file, spec), partProgress, cancellation);
                DeviceWeights weights = new DeviceWeightsLoader(file, model, spec, part, tensors).Load();
                loaded.Add(weights);
                ranks[i] = new DeviceRank(spec, weights, _kernels[i], options.KvType, part);
                loaded[i] = ranks[i];
            }
            return new DeviceShard(spec, ranks, _direct, numerics, _device.Name);
        }
        catch (Exception exception)
        {
            loaded.ForEach(part => part.Dispose());
            if (DeviceFaults.Describe(exception, _device.Name) is { } fault)
            {
                throw fault;
            }
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DeviceKernels kernels in _kernels)
        {
            kernels.Dispose();
            kernels.Accelerator.Dispose();
        }
    }

    // Devices are loaded one after the other; each is that part of the whole.
    private sealed class RankProgress(IProgress<LoadProgress> whole, RankPart part) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) =>
            whole.Report(value with { DoneBytes = ((value.TotalBytes * part.Rank) + value.DoneBytes) / part.Ranks });
    }
}
