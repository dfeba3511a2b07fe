using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using Winnow.Kernels.Suite;

[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: KernelDevice(typeof(Winnow.Kernels.Cpu.Tests.TestDevice))]

namespace Winnow.Kernels.Cpu.Tests;

/// <summary>The CPU accelerator with warps of 32: the lite edition's or ILGPU's own.</summary>
public sealed class TestDevice() : KernelDevice("CPU accelerator")
{
    protected override Accelerator? Open()
    {
        CPUDevice device = new(numThreadsPerWarp: 32, numWarpsPerMultiprocessor: 16, numMultiprocessors: 1);
        Context context = Context.Create(builder => builder.CPU(device));
        return context.GetCPUDevice(0).CreateAccelerator(context);
    }
}
