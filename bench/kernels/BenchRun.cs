using ILGPU.Runtime;
using Winnow.GpuWorker.Devices;

namespace Winnow.KernelBench;

/// <summary>Measures a device's limits, then its kernels, then whole models.</summary>
/// <param name="choice">The device.</param>
/// <param name="sizes">What is measured.</param>
/// <param name="brainRate">Its dense bf16 rate in TFLOP/s, or <see langword="null"/>.</param>
/// <param name="time">The host's clock.</param>
/// <param name="progress">Told what is measured.</param>
internal sealed class BenchRun(DeviceChoice choice, BenchSizes sizes, float? brainRate, TimeProvider time, Action<string> progress)
{
    private const double Giga = 1e9;

    /// <summary>Measures.</summary>
    /// <exception cref="DeviceException">The device is not there, cannot be used or is lost.</exception>
    /// <exception cref="OutOfMemoryException">It has not enough memory.</exception>
    public BenchReport Run()
    {
        try
        {
            (BenchReport kernels, Ceilings ceilings) = Kernels();
            return kernels with { Figures = [.. kernels.Figures, .. new ModelFigures(choice, sizes, ceilings, time).Run(progress)] };
        }
        catch (Exception exception) when (DeviceFaults.Describe(exception, choice.ToString()) is { } fault)
        {
            throw fault;
        }
    }

    // The accelerator is closed before whole models open the device anew.
    private (BenchReport Report, Ceilings Ceilings) Kernels()
    {
        using DeviceCatalog catalog = new(profiling: true);
        DeviceDescription device = catalog.Resolve(choice);
        using Accelerator accelerator = catalog.Open(device);
        using DeviceTimer timer = new(accelerator, sizes.Samples, time);
        progress("copy");
        Ceilings ceilings = new(CopyBandwidth.Measure(accelerator, time) / Giga, brainRate, brainRate is null ? "neither given nor measured" : "given, not measured");
        using ProductFigures products = new(accelerator, sizes, ceilings, timer);
        AttentionFigures attention = new(accelerator, sizes, ceilings, timer);
        return (new BenchReport
        {
            Device = device.Choice.ToString(),
            Model = device.Model,
            Capability = device.Capability,
            Driver = device.Driver,
            Kernels = device.Kernels,
            IsQuick = ReferenceEquals(sizes, BenchSizes.Quick),
            Ceilings = ceilings,
            Figures = [.. products.Run(progress), .. attention.Run(progress)],
        }, ceilings);
    }
}
