using Winnow.GpuWorker.Devices;
using Winnow.Inference.Cpu;
using Winnow.Inference.Graph;

namespace Winnow.Cli.Engine;

/// <summary>The device that this process computes on: the processor, or another one with its driver.</summary>
internal sealed class ComputeDevice : IDisposable
{
    private readonly DeviceCatalog? _catalog;

    /// <summary>Opens what the options ask for.</summary>
    /// <exception cref="DeviceException">The device is not there or cannot be used.</exception>
    public ComputeDevice(EngineOptions options)
        : this(ChoiceOf(options, 0))
    {
    }

    /// <summary>Opens a device, or several that share every layer.</summary>
    /// <exception cref="DeviceException">The device is not there or cannot be used.</exception>
    public ComputeDevice(DeviceSelection devices)
    {
        if (devices.IsCpu)
        {
            Backend = new CpuBackend();
            return;
        }
        _catalog = new DeviceCatalog();
        try
        {
            Backend = _catalog.OpenBackend(_catalog.Resolve(devices));
        }
        catch
        {
            _catalog.Dispose();
            throw;
        }
    }

    /// <summary>What loads models there.</summary>
    public IComputeBackend Backend { get; }

    /// <summary>The device that a shard's turn falls on; the processor where none is given.</summary>
    public static DeviceSelection ChoiceOf(EngineOptions options, int shard) =>
        options.Devices.Count == 0 ? new DeviceSelection(new DeviceChoice(DeviceKind.Cpu)) : options.Devices[shard % options.Devices.Count];

    /// <inheritdoc/>
    public void Dispose()
    {
        (Backend as IDisposable)?.Dispose();
        _catalog?.Dispose();
    }
}
