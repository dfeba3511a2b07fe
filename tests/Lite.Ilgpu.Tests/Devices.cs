using ILGPU;
using ILGPU.Runtime.CPU;

namespace Winnow.Lite.Ilgpu.Tests;

/// <summary>Accelerators of several shapes.</summary>
internal sealed class Devices : IDisposable
{
    private readonly Context _context;

    private Devices(Context context, CPUAccelerator accelerator)
    {
        _context = context;
        Accelerator = accelerator;
    }

    public CPUAccelerator Accelerator { get; }

    public static Devices Create(int warpSize = 32, int warps = 32, CPUAcceleratorMode mode = CPUAcceleratorMode.Auto)
    {
        Context context = Context.Create(builder => builder.CPU(new CPUDevice(warpSize, warps, 1)).Profiling());
        return new(context, context.CreateCPUAccelerator(0, mode));
    }

    public void Dispose()
    {
        Accelerator.Dispose();
        _context.Dispose();
    }
}
