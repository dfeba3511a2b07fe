using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using Winnow.Kernels.Ptx.Tests.Runtime;
using Winnow.Kernels.Suite;

[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: KernelDevice(typeof(Winnow.Kernels.Ptx.Tests.TestDevice))]

namespace Winnow.Kernels.Ptx.Tests;

/// <summary>The machine that runs the PTX of kernels.</summary>
public sealed class TestDevice() : KernelDevice("PTX machine")
{
    public override bool HasTensorCores => true;

    protected override Accelerator? Open()
    {
        var device = new CPUDevice(numThreadsPerWarp: 32, numWarpsPerMultiprocessor: 32, numMultiprocessors: 1);
        return new PtxAccelerator(Context.Create(builder => builder.Optimize(OptimizationLevel.O2).CPU(device)), device);
    }
}
