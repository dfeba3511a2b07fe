using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;
using Winnow.Kernels.Suite;

[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: KernelDevice(typeof(Winnow.Kernels.OpenCl.Tests.TestDevice))]

namespace Winnow.Kernels.OpenCl.Tests;

/// <summary>The first OpenCL device.</summary>
public sealed class TestDevice() : KernelDevice("OpenCL device")
{
    protected override Accelerator? Open()
    {
        Context context = Context.Create(builder => builder.OpenCL().Optimize(OptimizationLevel.O2));
        Context.DeviceCollection<CLDevice> devices = context.GetCLDevices();
        return devices.Count == 0 ? null : devices[0].CreateAccelerator(context);
    }
}
