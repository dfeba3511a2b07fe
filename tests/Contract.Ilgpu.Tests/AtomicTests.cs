using ILGPU;
using ILGPU.Runtime;
using Winnow.Contract.Ilgpu.Tests.Support;

namespace Winnow.Contract.Ilgpu.Tests;

public sealed class AtomicTests(CpuFixture fixture) : KernelTests(fixture)
{
    [Fact]
    public void Add_OfAllThreads_HandsOutEveryTicketOnce()
    {
        int[] read = Run<int, int>(TakeTickets, [0], 801, (8, 100));
        Assert.Equal(800, read[800]);
        Assert.Equal(Count(800), read[..800].Order());
    }

    private static void TakeTickets(ArrayView<int> input, ArrayView<int> output) =>
        output[Grid.GlobalIndex.X] = Atomic.Add(ref output[800], 1 + input[0]);

    [Fact]
    public void IntegerOperations_OfAllThreads_MeetInOneValue()
    {
        int[] read = Run<int, int>(AllOperations, Count(200), 7, (1, 200));
        Assert.Equal([199, 0, 0x40, 0xff, Count(200).Aggregate((a, b) => a ^ b), 200, 1], read);
    }

    private static void AllOperations(ArrayView<int> input, ArrayView<int> output)
    {
        int value = input[Group.IdxX];
        if (value == 0)
        {
            output[2] = 0x7f;
        }

        Group.Barrier();
        Atomic.Max(ref output[0], value);
        Atomic.Min(ref output[1], value - 1 < 0 ? 0 : value - 1);
        Atomic.And(ref output[2], 0xc0 | (value & 0));
        Atomic.Or(ref output[3], value);
        Atomic.Xor(ref output[4], value);
        Atomic.Add(ref output[5], 1);
        Atomic.CompareExchange(ref output[6], 0, 1);
    }

    [Fact]
    public void Exchange_AndCompareExchange_GiveTheOldValue()
    {
        int[] read = Run<int, int>(SwapOnce, [0], 5, (1, 1));
        Assert.Equal([9, 0, 7, 7, 9], read);
    }

    private static void SwapOnce(ArrayView<int> input, ArrayView<int> output)
    {
        output[1] = Atomic.Exchange(ref output[0], 7 + input[0]);
        output[2] = Atomic.CompareExchange(ref output[0], 8, 1);
        output[3] = Atomic.CompareExchange(ref output[0], 7, 9);
        output[4] = output[0];
    }

    [Fact]
    public void WideOperations_OfAllThreads_MeetInOneValue()
    {
        long[] read = Run<long, long>(WideSums, [1L << 33, -5], 3, (4, 64));
        Assert.Equal([256L << 33, 1L << 33, -5], read);
    }

    private static void WideSums(ArrayView<long> input, ArrayView<long> output)
    {
        Atomic.Add(ref output[0], input[0]);
        Atomic.Max(ref output[1], input[0]);
        Atomic.Min(ref output[2], input[1]);
    }

    [Fact]
    public void FloatAdd_OfExactSums_MeetsInTheSum()
    {
        float[] read = Run<float, float>(FloatSums, [0.25f], 1, (4, 64));
        Assert.Equal([64f], read);
    }

    private static void FloatSums(ArrayView<float> input, ArrayView<float> output) => Atomic.Add(ref output[0], input[0]);

    [Fact]
    public void UnsignedOperations_CompareUnsigned()
    {
        uint[] read = Run<uint, uint>(UnsignedExtremes, [3, uint.MaxValue], 2, (1, 2));
        Assert.Equal([uint.MaxValue, 0u], read);
    }

    private static void UnsignedExtremes(ArrayView<uint> input, ArrayView<uint> output)
    {
        Atomic.Max(ref output[0], input[Group.IdxX]);
        Atomic.Min(ref output[1], input[Group.IdxX]);
    }
}
