using ILGPU;
using ILGPU.Runtime;
using Winnow.Contract.Ilgpu.Tests.Support;

namespace Winnow.Contract.Ilgpu.Tests;

public sealed class ErrorTests(CpuFixture fixture) : KernelTests(fixture)
{
    [Fact]
    public void Launch_OfAGroupAboveTheLimit_IsRefused() =>
        Assert.ThrowsAny<Exception>(() => Run<int, int>(Copy, Count(4), 4, (1, CpuFixture.MaxGroup + 1)));

    [Fact]
    public void Launch_WithDynamicMemoryThatTheKernelDoesNotTake_IsRefused() =>
        Assert.Throws<InvalidOperationException>(
            () => Run<int, int>(Copy, Count(4), 4, new KernelConfig(1, 4, SharedMemoryConfig.RequestDynamic<int>(8))));

    [Fact]
    public void RequestDynamic_OfNothing_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedMemoryConfig.RequestDynamic<int>(0));

    [Fact]
    public void LoadKernel_OfALambdaThatCaptures_IsRefused()
    {
        int captured = Count(3)[2];
        Assert.ThrowsAny<Exception>(() => Run<int, int>((input, output) => output[0] = input[0] + captured, [1], 1));
    }

    [Fact]
    public void LoadKernel_OfAnInstanceMethod_IsRefused() =>
        Assert.ThrowsAny<Exception>(() => Run<int, int>(OfAnInstance, [1], 1));

    private void OfAnInstance(ArrayView<int> input, ArrayView<int> output) => output[0] = input[0] + Accelerator.WarpSize;

    [Fact]
    public void LoadKernel_AfterARefusal_StillRuns()
    {
        Assert.ThrowsAny<Exception>(() => Run<int, int>(OfAnInstance, [1], 1));
        Assert.Equal(Count(4), Run<int, int>(Copy, Count(4), 4));
    }

    private static void Copy(ArrayView<int> input, ArrayView<int> output) => output[Group.IdxX] = input[Group.IdxX];
}
