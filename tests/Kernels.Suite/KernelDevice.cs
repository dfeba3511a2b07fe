using System.Reflection;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels.Tensor;

namespace Winnow.Kernels.Suite;

/// <summary>
/// The device that a test project runs the suites on: opened once, when the first test needs it. The project derives this and names the class
/// in <see cref="KernelDeviceAttribute"/>.
/// </summary>
/// <param name="name">What it is called in messages.</param>
public abstract class KernelDevice(string name)
{
    private static readonly Lazy<KernelDevice> OfThisProcess = new(Find);
    private readonly Lock _lock = new();
    private Accelerator? _accelerator;
    private bool _isOpened;

    /// <summary>The device of the test project that runs.</summary>
    public static KernelDevice Current => OfThisProcess.Value;

    /// <summary>Why tests are skipped; null where there is a device.</summary>
    public string? SkipReason => TryOpen() is null ? $"there is no {name} here that kernels can run on." : null;

    /// <summary>Whether the device runs kernels for tensor cores.</summary>
    public virtual bool HasTensorCores => TensorCore.IsOn(Accelerator);

    /// <summary>The device.</summary>
    public Accelerator Accelerator => TryOpen() ?? throw new InvalidOperationException(SkipReason);

    /// <summary>The device opened once more, for what several devices do.</summary>
    public Accelerator OpenAnother() => Open() ?? throw new InvalidOperationException(SkipReason);

    /// <summary>Opens the device; null where there is none.</summary>
    protected abstract Accelerator? Open();

    private static KernelDevice Find() => AppDomain.CurrentDomain.GetAssemblies()
        .Select(assembly => assembly.GetCustomAttribute<KernelDeviceAttribute>())
        .Where(attribute => attribute is not null)
        .Select(attribute => (KernelDevice)Activator.CreateInstance(attribute!.Device)!)
        .Single();

    private Accelerator? TryOpen()
    {
        lock (_lock)
        {
            if (!_isOpened)
            {
                _accelerator = Open();
                _isOpened = true;
            }
            return _accelerator;
        }
    }
}
