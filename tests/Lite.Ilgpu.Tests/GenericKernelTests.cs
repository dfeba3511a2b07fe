using ILGPU;
using ILGPU.Runtime;

namespace Winnow.Lite.Ilgpu.Tests;

/// <summary>Kernels over struct type arguments wait inside of what the arguments do.</summary>
public sealed class GenericKernelTests
{
    [Fact]
    public void GenericKernel_StaticAbstractThatShuffles_IsInlined()
    {
        using Devices devices = Devices.Create();

        Assert.Equal([.. Enumerable.Repeat(496, 32)], Run(devices, devices.Accelerator.LoadStreamKernel<ArrayView<int>>(Reduce<Sum>)));
        Assert.Equal([.. Enumerable.Repeat(31, 32)], Run(devices, devices.Accelerator.LoadStreamKernel<ArrayView<int>>(Reduce<Largest>)));
    }

    [Fact]
    public void GenericKernel_InstanceThatWaits_KeepsItsFields()
    {
        using Devices devices = Devices.Create();
        using var output = devices.Accelerator.Allocate1D<int>(32);
        var launch = devices.Accelerator.LoadStreamKernel<ArrayView<int>, Rotate>(Apply);

        launch((1, 32), output.View, new Rotate(3));

        Assert.Equal(Enumerable.Range(0, 32).Select(i => (i + 3) % 32), output.GetAsArray1D());
    }

    [Fact]
    public void GenericKernel_DefaultInterfaceBody_IsInlined()
    {
        using Devices devices = Devices.Create();

        Assert.Equal(Enumerable.Range(0, 32).Select(i => (i ^ 1) + 100), Run(devices, devices.Accelerator.LoadStreamKernel<ArrayView<int>>(Swap<Plain>)));
    }

    private static int[] Run(Devices devices, Action<KernelConfig, ArrayView<int>> launch)
    {
        using var output = devices.Accelerator.Allocate1D<int>(32);
        launch((1, 32), output.View);
        return output.GetAsArray1D();
    }

    private static void Reduce<TOperation>(ArrayView<int> output)
        where TOperation : struct, IOperation
    {
        int value = Group.IdxX;
        for (int mask = 16; mask > 0; mask /= 2)
        {
            value = TOperation.Combine(value, mask);
        }

        output[Group.IdxX] = value;
    }

    private static void Apply<TStep>(ArrayView<int> output, TStep step)
        where TStep : struct, IStep
        => output[Group.IdxX] = step.Next(Group.IdxX);

    private static void Swap<TSwap>(ArrayView<int> output)
        where TSwap : struct, ISwap
        => output[Group.IdxX] = TSwap.Swap(Group.IdxX) + TSwap.Extra;

    private interface IOperation
    {
        static abstract int Combine(int value, int mask);
    }

    private interface IStep
    {
        int Next(int value);
    }

    private interface ISwap
    {
        static abstract int Extra { get; }

        static virtual int Swap(int value) => Warp.ShuffleXor(value, 1);
    }

    private readonly struct Sum : IOperation
    {
        public static int Combine(int value, int mask) => value + Warp.ShuffleXor(value, mask);
    }

    private readonly struct Largest : IOperation
    {
        public static int Combine(int value, int mask) => IntrinsicMath.Max(value, Warp.ShuffleXor(value, mask));
    }

    private readonly struct Rotate(int by) : IStep
    {
        private readonly int _by = by;

        public int Next(int value)
        {
            ArrayView<int> shared = SharedMemory.Allocate<int>(32);
            shared[Group.IdxX] = value;
            Group.Barrier();
            return shared[(Group.IdxX + _by) % 32];
        }
    }

    private readonly struct Plain : ISwap
    {
        public static int Extra => 100;
    }
}
