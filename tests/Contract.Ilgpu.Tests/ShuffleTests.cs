using ILGPU;
using ILGPU.Runtime;
using Winnow.Contract.Ilgpu.Tests.Support;

namespace Winnow.Contract.Ilgpu.Tests;

public sealed class ShuffleTests(CpuFixture fixture) : KernelTests(fixture)
{
    [Fact]
    public void Shuffle_OverAWarp_ReadsTheNamedLane()
    {
        int[] read = Run<int, int>(ByLane, Count(64), 64);
        Assert.Equal(Count(64).Select(i => (i & 32) + (((i % 32) * 5) % 32)), read);
    }

    private static void ByLane(ArrayView<int> input, ArrayView<int> output) =>
        output[Group.IdxX] = Warp.Shuffle(input[Group.IdxX], (Warp.LaneIdx * 5) % 32);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(31)]
    public void ShuffleDown_PastTheLastLane_KeepsItsOwn(int delta)
    {
        int[] read = Run<int, int>(Down, [.. Count(64), delta], 64, (1, 64));
        Assert.Equal(Count(64).Select(i => (i % 32) + delta < 32 ? i + delta : i), read);
    }

    private static void Down(ArrayView<int> input, ArrayView<int> output) =>
        output[Group.IdxX] = Warp.ShuffleDown(input[Group.IdxX], input[64]);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(31)]
    public void ShuffleUp_BeforeTheFirstLane_KeepsItsOwn(int delta)
    {
        int[] read = Run<int, int>(Up, [.. Count(64), delta], 64, (1, 64));
        Assert.Equal(Count(64).Select(i => (i % 32) - delta >= 0 ? i - delta : i), read);
    }

    private static void Up(ArrayView<int> input, ArrayView<int> output) =>
        output[Group.IdxX] = Warp.ShuffleUp(input[Group.IdxX], input[64]);

    [Fact]
    public void ShuffleXor_DownTheMasks_SumsAWarp()
    {
        float[] read = Run<float, float>(SumByXor, [.. Count(96).Select(i => (float)i)], 96);
        Assert.Equal(Count(96).Select(i => (float)Count(32).Sum(lane => (i / 32 * 32) + lane)), read);
    }

    private static void SumByXor(ArrayView<float> input, ArrayView<float> output)
    {
        float sum = input[Group.IdxX];
        for (int mask = Warp.WarpSize / 2; mask > 0; mask /= 2)
        {
            sum += Warp.ShuffleXor(sum, mask);
        }

        output[Group.IdxX] = sum;
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(32)]
    public void Shuffles_OfAWidth_StayInTheirPart(int width)
    {
        int[] read = Run<int, int>(InParts, [.. Count(32), width], 4 * 32, (1, 32));
        Assert.Equal(Count(32).Select(i => i / width * width), read.Where((_, at) => at % 4 == 0));
        Assert.Equal(Count(32).Select(i => (i % width) + 1 < width ? i + 1 : i), read.Where((_, at) => at % 4 == 1));
        Assert.Equal(Count(32).Select(i => i % width == 0 ? i : i - 1), read.Where((_, at) => at % 4 == 2));
        Assert.Equal(Count(32).Select(i => i ^ (width / 2)), read.Where((_, at) => at % 4 == 3));
    }

    private static void InParts(ArrayView<int> input, ArrayView<int> output)
    {
        int width = input[32];
        int value = input[Group.IdxX];
        int at = 4 * value;
        int first = value / width * width;
        output[at] = Warp.Shuffle(value, first, 32);
        output[at + 1] = Warp.ShuffleDown(value, 1, width);
        output[at + 2] = Warp.ShuffleUp(value, 1, width);
        output[at + 3] = Warp.ShuffleXor(value, width / 2, width);
    }

    [Fact]
    public void Shuffle_OfEveryType_MovesTheWholeValue()
    {
        double[] read = Run<double, double>(OfEveryType, [.. Count(32).Select(i => i + 0.5)], 32 * 6);
        Assert.All(
            Enumerable.Range(0, 32),
            i => Assert.Equal([(i ^ 1) + 0.5, (i ^ 1) + 0.5, (i ^ 1) + (1L << 40), (i ^ 1) + 0.5, i ^ 1, 3 * (i ^ 1)], read[(6 * i)..((6 * i) + 6)]));
    }

    private static void OfEveryType(ArrayView<double> input, ArrayView<double> output)
    {
        double value = input[Group.IdxX];
        int index = (int)value;
        int at = 6 * index;
        Four four = default;
        four.X = index;
        four.W = 2 * index;
        output[at] = Warp.ShuffleXor(value, 1);
        output[at + 1] = Warp.ShuffleXor((float)value, 1);
        output[at + 2] = Warp.ShuffleXor((1L << 40) + index, 1);
        output[at + 3] = (float)Warp.ShuffleXor((ILGPU.Half)(float)value, 1);
        output[at + 4] = Warp.ShuffleXor((byte)index, 1);
        four = Warp.ShuffleXor(four, 1);
        output[at + 5] = four.X + four.W;
    }

    [Fact]
    public void Broadcast_OfAWarp_GivesItsLanesTheValueOfOne()
    {
        int[] read = Run<int, int>(FromLaneSeven, Count(64), 64);
        Assert.Equal(Count(64).Select(i => (i & 32) + 7), read);
    }

    private static void FromLaneSeven(ArrayView<int> input, ArrayView<int> output)
    {
        output[Group.IdxX] = Warp.Broadcast(input[Group.IdxX], 7);
        Warp.Barrier();
    }

    [Fact]
    public void Shuffles_InALoopWithBarriers_KeepStep()
    {
        int[] read = Run<int, int>(SumOfAllWarps, Count(256), 1);
        Assert.Equal([3 * Count(256).Sum()], read);
    }

    private static void SumOfAllWarps(ArrayView<int> input, ArrayView<int> output)
    {
        ArrayView<int> sums = SharedMemory.Allocate<int>(32);
        int total = 0;
        for (int round = 0; round < 3; round++)
        {
            int sum = SumOfWarp(input[Group.IdxX]);
            if (Warp.IsFirstLane)
            {
                sums[Warp.WarpIdx] = sum;
            }

            Group.Barrier();
            int part = 0;
            if (Group.IdxX < Group.DimX / Warp.WarpSize)
            {
                part = sums[Group.IdxX];
            }

            total += SumOfWarp(part);
            Group.Barrier();
        }

        if (Group.IdxX == 0)
        {
            output[0] = total;
        }
    }

    private static int SumOfWarp(int value)
    {
        for (int offset = 16; offset > 0; offset >>= 1)
        {
            value += Warp.ShuffleDown(value, offset);
        }

        return value;
    }
}
