using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace Winnow.Contract.Ilgpu.Tests.Support;

/// <summary>One CPU accelerator for the whole suite: warps of 32, groups of up to 256, two groups at a time.</summary>
public sealed class CpuFixture : IDisposable
{
    public const int WarpSize = 32;
    public const int MaxGroup = 256;

    public CpuFixture()
    {
        Context = Context.Create(builder => builder
            .Optimize(OptimizationLevel.O2)
            .Profiling()
            .CPU(new CPUDevice(WarpSize, MaxGroup / WarpSize, numMultiprocessors: 2)));
        Accelerator = Context.CreateCPUAccelerator(0);
    }

    public Context Context { get; }

    public Accelerator Accelerator { get; }

    public void Dispose()
    {
        Accelerator.Dispose();
        Context.Dispose();
    }
}
