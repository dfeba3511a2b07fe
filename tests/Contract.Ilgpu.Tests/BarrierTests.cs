using ILGPU;
using ILGPU.Runtime;
using Winnow.Contract.Ilgpu.Tests.Support;

namespace Winnow.Contract.Ilgpu.Tests;

public sealed class BarrierTests(CpuFixture fixture) : KernelTests(fixture)
{
    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(64)]
    [InlineData(100)]
    public void Barrier_InALoop_HoldsTheWholeGroup(int threads)
    {
        int[] read = Run<int, int>(RotateThrough, Count(threads), threads);
        Assert.Equal(Count(threads).Select(i => (i + 7) % threads), read);
    }

    private static void RotateThrough(ArrayView<int> input, ArrayView<int> output)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(256);
        int value = input[Group.IdxX];
        for (int round = 0; round < 7; round++)
        {
            shared[Group.IdxX] = value;
            Group.Barrier();
            value = shared[(Group.IdxX + 1) % Group.DimX];
            Group.Barrier();
        }

        output[Group.IdxX] = value;
    }

    [Fact]
    public void Barrier_InACalledMethodAndInABranchThatAllTake_HoldsTheGroup()
    {
        int[] read = Run<int, int>(ReverseInBranch, Count(64), 64);
        Assert.Equal(Count(64).Reverse(), read);
    }

    private static void ReverseInBranch(ArrayView<int> input, ArrayView<int> output)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(64);
        if (input[1] == 1)
        {
            shared[Group.IdxX] = input[Group.IdxX];
            Wait();
        }

        output[Group.IdxX] = shared[63 - Group.IdxX];
    }

    private static void Wait() => Group.Barrier();

    [Fact]
    public void Barrier_InNestedLoopsOfUnevenWork_HoldsTheGroup()
    {
        int[] read = Run<int, int>(PrefixSums, [.. Enumerable.Repeat(1, 128)], 128);
        Assert.Equal(Count(128).Select(i => i + 1), read);
    }

    private static void PrefixSums(ArrayView<int> input, ArrayView<int> output)
    {
        ArrayView<int> sums = SharedMemory.Allocate<int>(128);
        sums[Group.IdxX] = input[Group.IdxX];
        Group.Barrier();
        for (int distance = 1; distance < Group.DimX; distance <<= 1)
        {
            int add = 0;
            if (Group.IdxX >= distance)
            {
                add = sums[Group.IdxX - distance];
            }

            Group.Barrier();
            sums[Group.IdxX] += add;
            Group.Barrier();
        }

        output[Group.IdxX] = sums[Group.IdxX];
    }

    [Fact]
    public void Barrier_AfterSomeThreadsReturned_HoldsTheRest()
    {
        int[] read = Run<int, int>(ReturnEarly, Count(64), 64);
        Assert.Equal(Count(64).Select(i => i < 40 ? 39 - i : 0), read);
    }

    private static void ReturnEarly(ArrayView<int> input, ArrayView<int> output)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(64);
        if (Group.IdxX >= 40)
        {
            return;
        }

        shared[Group.IdxX] = input[Group.IdxX];
        Group.Barrier();
        output[Group.IdxX] = shared[39 - Group.IdxX];
    }

    [Fact]
    public void BarrierVotes_OfAGroup_CountEveryThread()
    {
        int[] read = Run<int, int>(Vote, Count(70), 70 * 5);
        Assert.All(read.Chunk(5), votes => Assert.Equal([24, 1, 0, 1, 0], votes));
    }

    private static void Vote(ArrayView<int> input, ArrayView<int> output)
    {
        int value = input[Group.IdxX];
        int at = 5 * value;
        output[at] = Group.BarrierPopCount(value % 3 == 0);
        output[at + 1] = Group.BarrierAnd(value < 70) ? 1 : 0;
        output[at + 2] = Group.BarrierAnd(value < 69) ? 1 : 0;
        output[at + 3] = Group.BarrierOr(value == 69) ? 1 : 0;
        output[at + 4] = Group.BarrierOr(value == 70) ? 1 : 0;
    }

    [Fact]
    public void Broadcast_OfAGroup_GivesAllTheValueOfOne()
    {
        int[] read = Run<int, int>(BroadcastTwice, Count(100), 200);
        Assert.All(read.Chunk(2), pair => Assert.Equal([66, 199], pair));
    }

    private static void BroadcastTwice(ArrayView<int> input, ArrayView<int> output)
    {
        int value = input[Group.IdxX];
        output[2 * value] = Group.Broadcast(value * 2, 33);
        Group.Barrier();
        output[(2 * value) + 1] = Group.Broadcast(value + 100, 99);
    }

    [Fact]
    public void Groups_OfOneLaunch_DoNotWaitForEachOther()
    {
        int[] read = Run<int, int>(CountGroups, [0], 1, (50, 40));
        Assert.Equal([2000], read);
    }

    private static void CountGroups(ArrayView<int> input, ArrayView<int> output)
    {
        for (int i = 0; i < Grid.IdxX % 3; i++)
        {
            Group.Barrier();
        }

        MemoryFence.DeviceLevel();
        Atomic.Add(ref output[0], 1 + input[0]);
    }
}
