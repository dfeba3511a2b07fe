using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using Winnow.Kernels.Suite;

[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: KernelDevice(typeof(Winnow.Kernels.Cuda.Tests.TestDevice))]

namespace Winnow.Kernels.Cuda.Tests;

/// <summary>The first CUDA device.</summary>
public sealed class TestDevice() : KernelDevice("CUDA device")
{
    protected override Accelerator? Open()
    {
        Context context = Context.Create(builder => builder.Cuda().Optimize(OptimizationLevel.O2));
        Context.DeviceCollection<CudaDevice> devices = context.GetCudaDevices();
        return devices.Count == 0 ? null : devices[0].CreateAccelerator(context);
    }
}
