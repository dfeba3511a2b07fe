using ILGPU;
using ILGPU.Runtime;

namespace Winnow.Lite.Ilgpu.Tests;

/// <summary>What would be undefined on a GPU is an error that names the kernel, the group and the lane.</summary>
public sealed class FaultTests
{
    [Fact]
    public void View_IndexOutOfRange_NamesKernelGroupLaneAndLength()
    {
        AcceleratorException fault = Fails((2, 32), Write);

        Assert.Equal("Kernel 'FaultTests.Write', group (1, 0, 0), lane (31, 0, 0): Index '63' is outside a view of 32 elements of type 'Int32'; allowed are 0 to 31.", fault.Message);
    }

    [Fact]
    public void SubView_OutOfRange_IsRefused()
        => Assert.Contains("A range of '33' elements from '0'", Fails((1, 1), TooLong).Message, StringComparison.Ordinal);

    [Fact]
    public void Cast_OfAnUnalignedStart_IsRefused()
        => Assert.Contains("not a multiple of 8 bytes", Fails((1, 1), Unaligned).Message, StringComparison.Ordinal);

    [Fact]
    public void Barrier_LanesAtDifferentOnes_NamesBoth()
    {
        string message = Fails((1, 32), Diverge).Message;

        Assert.Contains("lane (0, 0, 0) waits at Group.Barrier in Diverge", message, StringComparison.Ordinal);
        Assert.Contains("lane (5, 0, 0) waits at Warp.Barrier in Diverge", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Barrier_WarpsAtDifferentOnes_IsRefused()
        => Assert.Contains("lane (63, 0, 0) waits at Group.BarrierPopCount", Fails((1, 64), WarpsDiverge).Message, StringComparison.Ordinal);

    [Fact]
    public void Shuffle_OfALaneThatReturned_IsRefused()
        => Assert.Contains("which has returned", Fails((1, 32), AskTheGone).Message, StringComparison.Ordinal);

    [Fact]
    public void Shuffle_OfALaneThatAPartialWarpLacks_IsRefused()
        => Assert.Contains("reads lane '24'", Fails((1, 20), AskAcross).Message, StringComparison.Ordinal);

    [Fact]
    public void SharedMemory_BeyondTheDevice_IsRefused()
        => Assert.Contains("a group has 49152", Fails((1, 1), TooMuch).Message, StringComparison.Ordinal);

    [Fact]
    public void SharedMemory_ExtentThatDiffersBetweenLanes_IsRefused()
        => Assert.Contains("must be a constant", Fails((1, 2), Uneven).Message, StringComparison.Ordinal);

    [Fact]
    public void Launch_ViewOfADisposedBuffer_IsRefused()
    {
        using Devices devices = Devices.Create();
        var output = devices.Accelerator.Allocate1D<int>(32);
        ArrayView<int> view = output.View;
        output.Dispose();
        var launch = devices.Accelerator.LoadStreamKernel<ArrayView<int>>(Write);

        Assert.Throws<ObjectDisposedException>(() => launch((1, 32), view));
        Assert.Throws<ObjectDisposedException>(() => view.GetAsArray());
    }

    [Fact]
    public void Launch_ViewInAStructOfAnotherAccelerator_IsRefused()
    {
        using Devices devices = Devices.Create();
        using Devices others = Devices.Create();
        using var output = others.Accelerator.Allocate1D<int>(32);
        var launch = devices.Accelerator.LoadStreamKernel<Holder>(WriteHeld);

        Assert.Throws<ArgumentException>(() => launch((1, 32), new Holder(output.View)));
    }

    [Fact]
    public void Launch_AfterAFault_Works()
    {
        using Devices devices = Devices.Create();
        using var output = devices.Accelerator.Allocate1D<int>(32);
        var launch = devices.Accelerator.LoadStreamKernel<ArrayView<int>>(Write);

        Assert.ThrowsAny<AcceleratorException>(() => launch((200, 32), output.View));
        launch((1, 32), output.View);

        Assert.Equal(Enumerable.Range(0, 32), output.GetAsArray1D());
    }

    private static AcceleratorException Fails(KernelConfig config, Action<ArrayView<int>> kernel)
    {
        using Devices devices = Devices.Create(mode: ILGPU.Runtime.CPU.CPUAcceleratorMode.Sequential);
        using var output = devices.Accelerator.Allocate1D<int>(32);
        Action<KernelConfig, ArrayView<int>> launch = devices.Accelerator.LoadStreamKernel(kernel);
        ArrayView<int> view = output.View;
        return Assert.ThrowsAny<AcceleratorException>(() => launch(config, view));
    }

    private static void Write(ArrayView<int> output)
    {
        int place = Grid.GlobalIndex.X;
        output[place] = place;
    }

    private static void WriteHeld(Holder holder) => holder.View[Group.IdxX] = 1;

    private static void TooLong(ArrayView<int> output) => output.SubView(0, 33)[Group.IdxX] = 1;

    private static void Unaligned(ArrayView<int> output) => output.SubView(1 + Group.IdxX, 4).Cast<long>()[0] = 1;

    private static void Diverge(ArrayView<int> output)
    {
        if (Group.IdxX == 5)
        {
            Warp.Barrier();
        }

        Group.Barrier();
    }

    private static void WarpsDiverge(ArrayView<int> output)
    {
        if (Group.IdxX >= 32)
        {
            output[0] = Group.BarrierPopCount(true);
        }

        Group.Barrier();
    }

    private static void AskTheGone(ArrayView<int> output)
    {
        if (Group.IdxX != 4)
        {
            output[Group.IdxX] = Warp.Broadcast(Group.IdxX, 4);
        }
    }

    private static void AskAcross(ArrayView<int> output) => output[Group.IdxX] = Warp.ShuffleXor(Group.IdxX, 8);

    private static void TooMuch(ArrayView<int> output)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(12289);
        output[Group.IdxX] = shared[0];
    }

    private static void Uneven(ArrayView<int> output)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(4 + Group.IdxX);
        output[Group.IdxX] = shared[0];
    }

    private readonly struct Holder(ArrayView<int> view)
    {
        public ArrayView<int> View { get; } = view;
    }
}
