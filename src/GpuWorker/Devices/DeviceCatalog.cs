using System.Globalization;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using Winnow.GpuWorker.Kernels;
using Winnow.Inference.Cpu;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Devices;

/// <summary>The devices of this machine, found once: the processor and what the drivers for CUDA and OpenCL report.</summary>
/// <remarks>The lite build's ILGPU has no drivers: there only the processor and the emulated device are found (docs/builds.md).</remarks>
public sealed class DeviceCatalog : IDisposable
{
    private readonly Context _context;
    private readonly Dictionary<DeviceChoice, Device> _devices = [];

    /// <summary>Asks the drivers. A driver that is not there has no devices.</summary>
    /// <param name="profiling">Streams take marks that know when they were reached; for measuring kernels.</param>
    public DeviceCatalog(bool profiling = false)
    {
        _context = Context.Create(builder => Choose(builder, profiling));
        List<DeviceDescription> found = [Processor()];
        AddAll<CudaDevice>(found, DeviceKind.Cuda, Describe);
        AddAll<CLDevice>(found, DeviceKind.OpenCl, Describe);
        _devices[new DeviceChoice(DeviceKind.IlgpuCpu)] = _context.Devices.OfType<CPUDevice>().Single();
        Devices = found;
    }

    /// <summary>Everything found, the processor first; the emulated device, which is for tests, is not listed.</summary>
    public IReadOnlyList<DeviceDescription> Devices { get; }

    // Warps of 32, as the kernels' device variants expect them, and groups as large as theirs.
    private static CPUDevice Emulated { get; } = new(numThreadsPerWarp: 32, numWarpsPerMultiprocessor: 16, numMultiprocessors: 1);

    /// <summary>The device that a choice means.</summary>
    /// <param name="choice">A device, or <see cref="DeviceKind.Auto"/>.</param>
    /// <exception cref="DeviceException">There is no such device, or it cannot be used.</exception>
    public DeviceDescription Resolve(DeviceChoice choice)
    {
        if (choice.Kind == DeviceKind.IlgpuCpu)
        {
            return EmulatedDescription(choice);
        }
        DeviceDescription? found = choice.Kind == DeviceKind.Auto
            ? Devices.FirstOrDefault(device => device.Choice.Kind == DeviceKind.Cuda && device.Problem is null) ?? Devices[0]
            : Devices.FirstOrDefault(device => device.Choice == choice);
        if (found is null)
        {
            throw new DeviceException(
                $"Device '{choice}' is not there; this machine has {string.Join(", ", Devices.Select(device => $"'{device.Choice}'"))}. "
                + "Choose one of these, or check that its driver is installed and visible to this process.");
        }
        return found.Problem is null ? found : throw new DeviceException($"Device '{choice}' ({found.Model}) cannot be used: {found.Problem}");
    }

    /// <summary>The device, or the devices that share every layer, that a selection means.</summary>
    /// <param name="selection">Devices.</param>
    /// <exception cref="DeviceException">One is not there or cannot be used, or they are not alike.</exception>
    public DeviceDescription Resolve(DeviceSelection selection)
    {
        ArgumentNullException.ThrowIfNull(selection);
        DeviceDescription[] devices = [.. selection.Choices.Select(Resolve)];
        return devices.Length == 1 ? devices[0] : Together(devices);
    }

    /// <summary>Devices that share every layer of one worker, as one.</summary>
    /// <param name="devices">Devices, in the order of their ranks.</param>
    /// <exception cref="DeviceException">They are not alike.</exception>
    internal static DeviceDescription Together(DeviceDescription[] devices)
    {
        DeviceDescription first = devices[0];
        if (devices.FirstOrDefault(device => device.Model != first.Model || device.Capability != first.Capability) is { } other)
        {
            throw new DeviceException(
                $"Devices '{string.Join('+', devices.Select(device => device.Name))}' are not alike: '{first.Name}' is '{first.Model}', '{other.Name}' is '{other.Model}'. "
                + "Devices that share layers compute in step and give one result; choose devices of one model, or give each a worker of its own.");
        }
        // Each has an equal part; a device named twice, as tests do, has its memory once.
        DeviceChoice[] choices = [.. devices.Select(device => device.Choice)];
        int different = choices.Distinct().Count();
        return first with
        {
            Shared = choices,
            Model = $"{devices.Length} x {first.Model}",
            MemoryBytes = devices.Min(device => device.MemoryBytes) * different,
            Processors = first.Processors * different,
        };
    }

    /// <summary>Opens a device that kernels run on; not the processor, which has a backend of its own.</summary>
    /// <param name="device">One device.</param>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public Accelerator Open(DeviceDescription device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return Open(device.Choice);
    }

    /// <summary>Opens all devices of a description.</summary>
    /// <exception cref="DeviceException">A driver refuses.</exception>
    internal Accelerator[] OpenAll(DeviceDescription device)
    {
        List<Accelerator> opened = [];
        try
        {
            foreach (DeviceChoice choice in device.Shared.DefaultIfEmpty(device.Choice))
            {
                opened.Add(Open(choice));
            }
            return [.. opened];
        }
        catch
        {
            opened.ForEach(accelerator => accelerator.Dispose());
            throw;
        }
    }

    /// <summary>The backend of a device: kernels compiled for it, or the processor's own.</summary>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public IComputeBackend OpenBackend(DeviceDescription device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Choice.Kind == DeviceKind.Cpu ? new CpuBackend() : new DeviceBackend(this, device);
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();

    private static void Choose(Context.Builder builder, bool profiling)
    {
        builder.CPU(Emulated).Cuda(_ => true).OpenCL(_ => true).Optimize(OptimizationLevel.O2);
        if (profiling)
        {
            builder.Profiling();
        }
    }

    private Accelerator Open(DeviceChoice choice)
    {
        try
        {
            return _devices[choice].CreateAccelerator(_context);
        }
        catch (Exception exception) when (DeviceFaults.Describe(exception, choice.ToString()) is { } fault)
        {
            throw fault;
        }
    }

    private static DeviceDescription Processor() => new()
    {
        Choice = new DeviceChoice(DeviceKind.Cpu),
        Model = new CpuBackend().Device,
        MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        Processors = Environment.ProcessorCount,
        Kernels = "vectors",
    };

    private static DeviceDescription EmulatedDescription(DeviceChoice choice) => new()
    {
        Choice = choice,
        Model = "the device kernels on the processor, slow, for tests",
        MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        Processors = Environment.ProcessorCount,
        Kernels = KernelVariant.Portable.Name(),
    };

    private static DeviceDescription Describe(CudaDevice device, DeviceChoice choice)
    {
        string driver = string.Create(CultureInfo.InvariantCulture, $"{device.DriverVersion.Major}.{device.DriverVersion.Minor}");
        return Common(device, choice) with
        {
            Capability = CudaSupport.NameOf(device.Architecture),
            Driver = driver,
            Problem = CudaSupport.Problem(device.Architecture, device.InstructionSet is not null, driver),
            Remark = CudaSupport.Remark(device.Architecture),
        };
    }

    private static DeviceDescription Describe(CLDevice device, DeviceChoice choice) => Common(device, choice) with
    {
        Driver = device.PlatformName,
        Problem = device.Capabilities.GenericAddressSpace
            ? null
            : "its driver lacks the generic address space, which the compiled kernels need; install a driver with OpenCL 2.0 or the feature of 3.0.",
    };

    private static DeviceDescription Common(Device device, DeviceChoice choice) => new()
    {
        Choice = choice,
        Model = device.Name,
        MemoryBytes = device.MemorySize,
        Processors = device.NumMultiprocessors,
        Kernels = KernelVariants.Of(device).Name(),
    };

    private void AddAll<TDevice>(List<DeviceDescription> found, DeviceKind kind, Func<TDevice, DeviceChoice, DeviceDescription> describe)
        where TDevice : Device
    {
        int index = 0;
        foreach (TDevice device in _context.Devices.OfType<TDevice>())
        {
            DeviceChoice choice = new(kind, index++);
            _devices[choice] = device;
            found.Add(describe(device, choice));
        }
    }
}
