using ILGPU;
using ILGPU.Runtime;
using Winnow.Contract.Ilgpu.Tests.Support;

namespace Winnow.Contract.Ilgpu.Tests;

public sealed class ViewTests(CpuFixture fixture) : KernelTests(fixture)
{
    [Fact]
    public void SubView_OfAView_CountsFromItsStart()
    {
        int[] read = Run<int, int>(ReadSubViews, Count(16), 6);
        Assert.Equal([5, 8, 12, 7, 3, 16], read);
    }

    private static void ReadSubViews(ArrayView<int> input, ArrayView<int> output)
    {
        ArrayView<int> middle = input.SubView(4, 8);
        output[0] = middle[1];
        output[1] = middle.IntLength;
        output[2] = input.SubView(4).IntLength;
        output[3] = middle.SubView(2, 3)[1];
        output[4] = (int)middle.SubView(2L, 3L).Length;
        output[5] = (int)input.Length;
    }

    [Fact]
    public void Cast_ToOtherSizes_ReadsTheSameBytes()
    {
        int[] read = Run<byte, int>(ReadCasts, [1, 2, 3, 4, 5, 6, 7, 8, 9], 5);
        Assert.Equal([0x04030201, 0x08070605, 2, 0x0605, 4], read);
    }

    private static void ReadCasts(ArrayView<byte> input, ArrayView<int> output)
    {
        ArrayView<int> words = input.Cast<int>();
        output[0] = words[0];
        output[1] = words[1];
        output[2] = words.IntLength;
        output[3] = input.SubView(2).Cast<ushort>()[1];
        output[4] = input.SubView(0, 8).Cast<ushort>().IntLength;
    }

    [Fact]
    public void Index_OfTypeLong_ReachesTheElement()
    {
        int[] read = Run<long, int>(WriteAtLong, [3, 1], 4);
        Assert.Equal([0, 11, 0, 10], read);
    }

    private static void WriteAtLong(ArrayView<long> input, ArrayView<int> output) =>
        output[input[Group.IdxX]] = 10 + Group.IdxX;

    [Fact]
    public void Ref_ToAnElement_WritesThrough()
    {
        int[] read = Run<int, int>(WriteThroughRef, Count(4), 4);
        Assert.Equal([1, 3, 5, 7], read);
    }

    private static void WriteThroughRef(ArrayView<int> input, ArrayView<int> output)
    {
        ref int element = ref output[Group.IdxX];
        element = input[Group.IdxX] * 2;
        Increment(ref element);
    }

    private static void Increment(ref int value) => value++;

    [Fact]
    public void AsAligned_OfAnAlignedView_IsThatView()
    {
        int[] read = Run<byte, int>(ReadAligned, [.. Enumerable.Range(0, 64).Select(i => (byte)i)], 2, (1, 1));
        Assert.Equal([16, 48], read);
    }

    private static void ReadAligned(ArrayView<byte> input, ArrayView<int> output)
    {
        ArrayView<byte> aligned = input.SubView(16).AsAligned(16);
        output[0] = aligned[0];
        output[1] = aligned.IntLength;
    }

    [Fact]
    public void View_OfNothing_IsNotValid()
    {
        ArrayView<int> sut = default;
        Assert.False(sut.IsValid);
        Assert.Equal(0, sut.Length);
        Assert.Equal(0, ArrayView<int>.Empty.Length);
    }

    [Theory]
    [InlineData(-1, 2)]
    [InlineData(3, 2)]
    [InlineData(0, 5)]
    public void SubView_OutsideTheView_IsRefused(int index, int length)
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = Accelerator.Allocate1D(Count(4));
        ArrayView<int> sut = buffer.View;
        Assert.ThrowsAny<Exception>(() => sut.SubView(index, length));
    }
}
