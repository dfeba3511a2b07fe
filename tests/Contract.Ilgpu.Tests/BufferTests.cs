using ILGPU;
using ILGPU.Runtime;
using Winnow.Contract.Ilgpu.Tests.Support;

namespace Winnow.Contract.Ilgpu.Tests;

public sealed class BufferTests(CpuFixture fixture) : KernelTests(fixture)
{
    [Fact]
    public void Allocate_FromAnArray_HoldsItsElements()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> sut = Accelerator.Allocate1D(Count(37));
        Assert.Equal(37, sut.Length);
        Assert.Equal(148, sut.LengthInBytes);
        Assert.Equal(4, sut.ElementSize);
        Assert.NotEqual(IntPtr.Zero, sut.NativePtr);
        Assert.Equal(Count(37), sut.GetAsArray1D());
    }

    [Fact]
    public void CopyFromCpu_OfAnArray_FillsTheBuffer()
    {
        using MemoryBuffer1D<float, Stride1D.Dense> sut = Accelerator.Allocate1D<float>(3);
        sut.CopyFromCPU([1, 2, 3]);
        float[] read = new float[3];
        sut.CopyToCPU(read);
        Assert.Equal([1, 2, 3], read);
    }

    [Fact]
    public void CopyFromCpu_IntoASubView_TouchesNothingElse()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> sut = Accelerator.Allocate1D(Count(6));
        sut.View.BaseView.SubView(2, 3).CopyFromCPU(new[] { 70, 80, 90 });
        Assert.Equal([0, 1, 70, 80, 90, 5], sut.GetAsArray1D());
    }

    [Fact]
    public void CopyToCpu_OfASubView_ReadsItsElements()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> sut = Accelerator.Allocate1D(Count(6));
        int[] read = new int[2];
        sut.View.BaseView.SubView(3, 2).CopyToCPU(read);
        Assert.Equal([3, 4], read);
    }

    [Fact]
    public void CopySpans_OnAStream_ReadAndWrite()
    {
        using AcceleratorStream stream = Accelerator.CreateStream();
        using MemoryBuffer1D<int, Stride1D.Dense> sut = Accelerator.Allocate1D<int>(4);
        ReadOnlySpan<int> source = [5, 6, 7, 8];
        Span<int> target = stackalloc int[4];
        sut.View.CopyFromCPU(stream, source);
        sut.View.CopyToCPU(stream, target);
        stream.Synchronize();
        Assert.Equal([5, 6, 7, 8], target.ToArray());
    }

    [Fact]
    public void CopyTo_BetweenBuffers_CopiesOnTheDevice()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> source = Accelerator.Allocate1D(Count(8));
        using MemoryBuffer1D<int, Stride1D.Dense> target = Accelerator.Allocate1D(new int[8]);
        source.View.BaseView.SubView(4, 4).CopyTo(target.View.BaseView.SubView(0, 4));
        Accelerator.Synchronize();
        Assert.Equal([4, 5, 6, 7, 0, 0, 0, 0], target.GetAsArray1D());
    }

    [Fact]
    public void MemSet_OfAView_SetsEveryByte()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> sut = Accelerator.Allocate1D(Count(4));
        sut.View.BaseView.SubView(1, 2).MemSet(0x11);
        Accelerator.Synchronize();
        Assert.Equal([0, 0x11111111, 0x11111111, 3], sut.GetAsArray1D());
        sut.MemSetToZero();
        Accelerator.Synchronize();
        Assert.Equal(new int[4], sut.GetAsArray1D());
    }

    [Fact]
    public void AsArrayView_OfRawBytes_SeesTheSameMemory()
    {
        using MemoryBuffer1D<byte, Stride1D.Dense> sut = Accelerator.Allocate1D<byte>([1, 0, 0, 0, 2, 0, 0, 0]);
        ArrayView<int> view = sut.View.BaseView.Cast<int>();
        Assert.Equal([1, 2], view.GetAsArray());
    }

    [Fact]
    public void Allocate_OfNoElements_IsABufferOfNoElements()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> sut = Accelerator.Allocate1D<int>(0);
        Assert.Equal(0, sut.Length);
        Assert.Empty(sut.GetAsArray1D());
    }

    [Fact]
    public void Allocate_OfANegativeLength_IsRefused() =>
        Assert.ThrowsAny<ArgumentException>(() => Accelerator.Allocate1D<int>(-1));

    [Fact]
    public void Dispose_OfABuffer_MarksIt()
    {
        MemoryBuffer1D<int, Stride1D.Dense> sut = Accelerator.Allocate1D<int>(4);
        Assert.False(sut.IsDisposed);
        sut.Dispose();
        sut.Dispose();
        Assert.True(sut.IsDisposed);
    }
}
