using ILGPU;
using ILGPU.Runtime;
using Winnow.Contract.Ilgpu.Tests.Support;

namespace Winnow.Contract.Ilgpu.Tests;

public sealed class StreamTests(CpuFixture fixture) : KernelTests(fixture)
{
    [Fact]
    public void Launches_OnOneStream_RunInOrder()
    {
        using AcceleratorStream stream = Accelerator.CreateStream();
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = Accelerator.Allocate1D(Count(32));
        Action<AcceleratorStream, KernelConfig, ArrayView<int>, int> affine = Accelerator.LoadKernel<ArrayView<int>, int>(DoubleAndAdd);
        for (int i = 0; i < 5; i++)
        {
            affine(stream, (1, 32), buffer.View, i);
        }

        stream.Synchronize();
        Assert.Equal(Count(32).Select(i => (32 * i) + 26), buffer.GetAsArray1D());
    }

    private static void DoubleAndAdd(ArrayView<int> values, int add) => values[Group.IdxX] = (2 * values[Group.IdxX]) + add;

    [Fact]
    public void Copies_AndLaunches_OnOneStream_RunInOrder()
    {
        using AcceleratorStream stream = Accelerator.CreateStream();
        using PageLockedArray1D<int> host = Accelerator.AllocatePageLocked1D<int>(32);
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = Accelerator.Allocate1D<int>(32);
        Count(32).CopyTo(host.Span);
        buffer.View.CopyFromPageLockedAsync(stream, host);
        Accelerator.LoadKernel<ArrayView<int>, int>(DoubleAndAdd)(stream, (1, 32), buffer.View, 1);
        buffer.View.CopyToPageLockedAsync(stream, host);
        stream.Synchronize();
        Assert.Equal(Count(32).Select(i => (2 * i) + 1), host.GetArray());
    }

    [Fact]
    public void Bind_BeforeALaunch_ChangesNothing()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = Accelerator.Allocate1D(Count(32));
        Accelerator.Bind();
        Accelerator.LoadKernel<ArrayView<int>, int>(DoubleAndAdd)(Accelerator.DefaultStream, (1, 32), buffer.View, 1);
        Accelerator.Synchronize();
        Assert.Equal(Count(32).Select(i => (2 * i) + 1), buffer.GetAsArray1D());
    }

    [Fact]
    public void TwoStreams_OfOneAccelerator_BothFinish()
    {
        using AcceleratorStream first = Accelerator.CreateStream();
        using AcceleratorStream second = Accelerator.CreateStream();
        using MemoryBuffer1D<int, Stride1D.Dense> left = Accelerator.Allocate1D(Count(32));
        using MemoryBuffer1D<int, Stride1D.Dense> right = Accelerator.Allocate1D(Count(32));
        Action<AcceleratorStream, KernelConfig, ArrayView<int>, int> sut = Accelerator.LoadKernel<ArrayView<int>, int>(DoubleAndAdd);
        sut(first, (1, 32), left.View, 1);
        sut(second, (1, 32), right.View, 2);
        first.Synchronize();
        second.Synchronize();
        Assert.Equal(Count(32).Select(i => (2 * i) + 1), left.GetAsArray1D());
        Assert.Equal(Count(32).Select(i => (2 * i) + 2), right.GetAsArray1D());
    }

    [Fact]
    public void CopyTo_OnAStream_CopiesBetweenBuffers()
    {
        using AcceleratorStream stream = Accelerator.CreateStream();
        using MemoryBuffer1D<int, Stride1D.Dense> source = Accelerator.Allocate1D(Count(16));
        using MemoryBuffer1D<int, Stride1D.Dense> target = Accelerator.Allocate1D<int>(16);
        source.View.BaseView.CopyTo(stream, target.View.BaseView);
        stream.Synchronize();
        int[] read = new int[16];
        target.View.BaseView.CopyToCPU(stream, read);
        stream.Synchronize();
        Assert.Equal(Count(16), read);
    }

    [Fact]
    public void Markers_AroundALaunch_MeasureTime()
    {
        using AcceleratorStream stream = Accelerator.CreateStream();
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = Accelerator.Allocate1D(Count(32));
        using ProfilingMarker start = stream.AddProfilingMarker();
        Accelerator.LoadKernel<ArrayView<int>, int>(DoubleAndAdd)(stream, (1, 32), buffer.View, 1);
        using ProfilingMarker end = stream.AddProfilingMarker();
        end.Synchronize();
        Assert.True(end.MeasureFrom(start) >= TimeSpan.Zero);
    }

    [Fact]
    public void PageLockedArray_HasItsLengthAndElements()
    {
        using PageLockedArray1D<float> sut = Accelerator.AllocatePageLocked1D<float>(5);
        sut[3] = 2.5f;
        Assert.Equal(5, sut.Length);
        Assert.Equal(5, sut.Span.Length);
        Assert.Equal([0, 0, 0, 2.5f, 0], sut.GetArray());
    }

    [Fact]
    public void PageLockedMemory_OfThisProcess_CanBeCopiedFrom()
    {
        int[] host = GC.AllocateArray<int>(16, pinned: true);
        Count(16).CopyTo(host, 0);
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = Accelerator.Allocate1D<int>(16);
        unsafe
        {
            fixed (int* pointer = host)
            {
                using PageLockScope<int> scope = Accelerator.CreatePageLockFromPinned<int>((IntPtr)pointer, host.Length);
                buffer.View.CopyFromPageLockedAsync(Accelerator.DefaultStream, scope);
                Accelerator.Synchronize();
            }
        }

        Assert.Equal(Count(16), buffer.GetAsArray1D());
    }
}
