using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace Winnow.Lite.Ilgpu.Tests;

/// <summary>Launches of every shape run each lane once, allocate nothing and find uninitialised memory poisoned.</summary>
public sealed class LaunchTests
{
    [Theory]
    [InlineData(CPUAcceleratorMode.Sequential)]
    [InlineData(CPUAcceleratorMode.Auto)]
    [InlineData(CPUAcceleratorMode.Parallel)]
    public void Launch_ThreeDimensions_RunsEachLaneOnce(CPUAcceleratorMode mode)
    {
        using Devices devices = Devices.Create(mode: mode);
        using var output = devices.Accelerator.Allocate1D<int>(3 * 4 * 5 * 2 * 6 * 7);
        output.MemSetToZero();
        var launch = devices.Accelerator.LoadStreamKernel<ArrayView<int>>(CountLanes);

        launch(new KernelConfig(3, 4, 5, 2, 6, 7), output.View);

        Assert.All(output.GetAsArray1D(), count => Assert.Equal(1, count));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(1025)]
    public void Launch_ImplicitlyGrouped_RunsEachIndexOnce(int extent)
    {
        using Devices devices = Devices.Create();
        using var output = devices.Accelerator.Allocate1D<int>(extent);
        var launch = devices.Accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>>(Increment);
        output.MemSetToZero();

        launch(extent, output.View);

        Assert.Equal(Enumerable.Range(1, extent), output.GetAsArray1D());
    }

    [Fact]
    public void Launch_WithoutGroups_DoesNothing()
    {
        using Devices devices = Devices.Create();
        using var output = devices.Accelerator.Allocate1D<int>(1);
        output.MemSetToZero();

        devices.Accelerator.LoadStreamKernel<ArrayView<int>>(CountLanes)((0, 32), output.View);

        Assert.Equal(0, output.GetAsArray1D()[0]);
    }

    [Fact]
    public void Launch_ManyTimes_AllocatesNothing()
    {
        using Devices devices = Devices.Create(mode: CPUAcceleratorMode.Sequential);
        using var output = devices.Accelerator.Allocate1D<int>(64);
        output.MemSetToZero();
        var launch = devices.Accelerator.LoadStreamKernel<ArrayView<int>>(SharedOnce);
        ArrayView<int> view = output.View;
        launch((2, 32), view);
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 100; i++)
        {
            launch((2, 32), view);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void SharedMemory_NotInitialised_IsPoisonedInEveryGroup()
    {
        using Devices devices = Devices.Create();
        using var output = devices.Accelerator.Allocate1D<int>(64);
        Assert.All(output.GetAsArray1D(), value => Assert.Equal(-1, value));

        devices.Accelerator.LoadStreamKernel<ArrayView<int>>(SharedOnce)((2, 32), output.View);

        Assert.All(output.GetAsArray1D(), value => Assert.Equal(-1, value));
    }

    [Fact]
    public void DynamicSharedMemory_BesideStatic_IsApart()
    {
        using Devices devices = Devices.Create();
        using var output = devices.Accelerator.Allocate1D<int>(64);
        var launch = devices.Accelerator.LoadStreamKernel<ArrayView<int>>(Dynamic);

        launch(new KernelConfig(2, 32, SharedMemoryConfig.RequestDynamic<int>(40)), output.View);

        Assert.Equal(Enumerable.Range(0, 64).Select(i => 40_000 + (31 - (i % 32)) + (i % 32 * 100)), output.GetAsArray1D());
    }

    [Fact]
    public void Atomics_FromManyGroups_LoseNothing()
    {
        using Devices devices = Devices.Create(mode: CPUAcceleratorMode.Parallel);
        using var output = devices.Accelerator.Allocate1D<int>(4);
        output.MemSetToZero();
        using var sum = devices.Accelerator.Allocate1D<float>(1);
        sum.MemSetToZero();

        devices.Accelerator.LoadStreamKernel<ArrayView<int>, ArrayView<float>>(Atomics)((50, 100), output.View, sum.View);

        Assert.Equal([5000, 4999, 0, 7], output.GetAsArray1D());
        Assert.Equal(5000f, sum.GetAsArray1D()[0]);
    }

    [Fact]
    public void Launch_FromManyThreads_KeepsThemApart()
    {
        using Devices devices = Devices.Create();
        var launch = devices.Accelerator.LoadStreamKernel<ArrayView<int>>(Dynamic);

        Parallel.For(0, 8, _ =>
        {
            using var output = devices.Accelerator.Allocate1D<int>(64);
            for (int i = 0; i < 50; i++)
            {
                launch(new KernelConfig(2, 32, SharedMemoryConfig.RequestDynamic<int>(40)), output.View);
            }

            Assert.Equal(40_031, output.GetAsArray1D()[0]);
        });
    }

    private static void CountLanes(ArrayView<int> output) => Atomic.Add(ref output[Grid.GlobalLinearIndex], 1);

    private static void Increment(Index1D index, ArrayView<int> output) => output[index] += index + 1;

    private static void SharedOnce(ArrayView<int> output)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(32);
        int seen = shared[Group.IdxX];
        Group.Barrier();
        shared[Group.IdxX] = 5;
        output[Grid.GlobalIndex.X] = seen;
    }

    private static void Dynamic(ArrayView<int> output)
    {
        ArrayView<int> dynamic = SharedMemory.GetDynamic<int>();
        ArrayView<int> shared = SharedMemory.Allocate<int>(32);
        dynamic[Group.IdxX] = Group.IdxX;
        shared[Group.IdxX] = Group.IdxX * 100;
        Group.Barrier();
        output[Grid.GlobalIndex.X] = (dynamic.IntLength * 1000) + dynamic[31 - Group.IdxX] + shared[Group.IdxX];
    }

    private static void Atomics(ArrayView<int> output, ArrayView<float> sum)
    {
        Atomic.Add(ref output[0], 1);
        Atomic.Max(ref output[1], (int)Grid.GlobalIndex.X);
        Atomic.Min(ref output[2], Group.IdxX);
        Atomic.Or(ref output[3], 1 << (Group.IdxX % 3));
        Atomic.Add(ref sum[0], 1f);
    }
}
