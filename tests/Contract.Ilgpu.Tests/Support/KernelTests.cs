using ILGPU;
using ILGPU.Runtime;

namespace Winnow.Contract.Ilgpu.Tests.Support;

/// <summary>Base of tests that launch a kernel over one input and one output.</summary>
[Collection(CpuCollection.Name)]
public abstract class KernelTests(CpuFixture fixture)
{
    protected Context Context => fixture.Context;

    protected Accelerator Accelerator => fixture.Accelerator;

    /// <summary>Runs a kernel in one group of the input's length; the output starts as zeros.</summary>
    protected TOut[] Run<TIn, TOut>(Action<ArrayView<TIn>, ArrayView<TOut>> kernel, TIn[] input, int outputs)
        where TIn : unmanaged
        where TOut : unmanaged =>
        Run(kernel, input, outputs, new KernelConfig(1, Math.Min(input.Length, CpuFixture.MaxGroup)));

    /// <summary>Runs a kernel; the output starts as zeros.</summary>
    protected TOut[] Run<TIn, TOut>(Action<ArrayView<TIn>, ArrayView<TOut>> kernel, TIn[] input, int outputs, KernelConfig config)
        where TIn : unmanaged
        where TOut : unmanaged
    {
        using MemoryBuffer1D<TIn, Stride1D.Dense> source = Accelerator.Allocate1D(input);
        using MemoryBuffer1D<TOut, Stride1D.Dense> target = Accelerator.Allocate1D<TOut>(outputs);
        target.MemSetToZero();
        Accelerator.LoadKernel(kernel)(Accelerator.DefaultStream, config, source.View, target.View);
        Accelerator.Synchronize();
        return target.GetAsArray1D();
    }

    /// <summary>The numbers from 0 up.</summary>
    protected static int[] Count(int length) => [.. Enumerable.Range(0, length)];
}
