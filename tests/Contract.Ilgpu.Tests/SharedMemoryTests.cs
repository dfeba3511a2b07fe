using ILGPU;
using ILGPU.Runtime;
using Winnow.Contract.Ilgpu.Tests.Support;

namespace Winnow.Contract.Ilgpu.Tests;

public sealed class SharedMemoryTests(CpuFixture fixture) : KernelTests(fixture)
{
    [Fact]
    public void Allocate_Twice_GivesTwoPlaces()
    {
        int[] read = Run<int, int>(TwoPlaces, Count(32), 32);
        Assert.Equal(Count(32).Select(i => (31 - i) + (10 * i)), read);
    }

    private static void TwoPlaces(ArrayView<int> input, ArrayView<int> output)
    {
        ArrayView<int> first = SharedMemory.Allocate<int>(32);
        ArrayView<long> second = SharedMemory.Allocate<long>(32);
        first[Group.IdxX] = input[Group.IdxX];
        second[Group.IdxX] = input[Group.IdxX] * 10L;
        Group.Barrier();
        output[Group.IdxX] = first[31 - Group.IdxX] + (int)second[Group.IdxX];
    }

    [Fact]
    public void Allocate_InEveryGroup_IsItsOwn()
    {
        int[] read = Run<int, int>(SumOfGroup, Count(320), 10, (10, 32));
        Assert.Equal(Count(10).Select(g => Count(32).Sum(i => (32 * g) + i)), read);
    }

    private static void SumOfGroup(ArrayView<int> input, ArrayView<int> output)
    {
        ref int sum = ref SharedMemory.Allocate<int>();
        if (Group.IsFirstThread)
        {
            sum = 0;
        }

        Group.Barrier();
        Atomic.Add(ref sum, input[Grid.GlobalIndex.X]);
        Group.Barrier();
        if (Group.IsLastThread)
        {
            output[Grid.IdxX] = sum;
        }
    }

    [Fact]
    public void Allocate_InACalledMethod_IsOnePlaceForTheGroup()
    {
        int[] read = Run<int, int>(ReverseByCall, Count(48), 48);
        Assert.Equal(Count(48).Reverse(), read);
    }

    private static void ReverseByCall(ArrayView<int> input, ArrayView<int> output) =>
        output[Group.IdxX] = Exchange(input[Group.IdxX], Group.DimX - 1 - Group.IdxX);

    private static int Exchange(int value, int from)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(64);
        shared[Group.IdxX] = value;
        Group.Barrier();
        return shared[from];
    }

    [Theory]
    [InlineData(32)]
    [InlineData(77)]
    public void GetDynamic_OfTheRequest_HasItsLength(int elements)
    {
        int[] read = Run<int, int>(ReadDynamic, Count(32), 33, new KernelConfig(1, 32, SharedMemoryConfig.RequestDynamic<int>(elements)));
        Assert.Equal([.. Count(32).Reverse(), elements], read);
    }

    private static void ReadDynamic(ArrayView<int> input, ArrayView<int> output)
    {
        ArrayView<int> shared = SharedMemory.GetDynamic<int>();
        shared[Group.IdxX] = input[Group.IdxX];
        Group.Barrier();
        output[Group.IdxX] = shared[31 - Group.IdxX];
        output[32] = shared.IntLength;
    }

    [Fact]
    public void GetDynamic_CutAndCast_HoldsSeveralArrays()
    {
        float[] read = Run<int, float>(CutDynamic, Count(32), 32, new KernelConfig(1, 32, SharedMemoryConfig.RequestDynamic<byte>(384)));
        Assert.Equal(Count(32).Select(i => (31 - i) + ((31 - i) * 0.25f) + i), read);
    }

    private static void CutDynamic(ArrayView<int> input, ArrayView<float> output)
    {
        ArrayView<byte> shared = SharedMemory.GetDynamic<byte>();
        ArrayView<int> integers = shared.SubView(0, 128).Cast<int>();
        ArrayView<float> floats = shared.SubView(128, 128).Cast<float>();
        ArrayView<uint> words = shared.SubView(256, 128).Cast<uint>();
        int i = Group.IdxX;
        integers[i] = input[i];
        floats[i] = input[i] * 0.25f;
        words[i] = (uint)input[i];
        Group.Barrier();
        output[i] = integers[31 - i] + floats[31 - i] + words[i];
    }

    [Fact]
    public void Allocate_OfStructs_HoldsThemWhole()
    {
        int[] read = Run<int, int>(ReverseFours, Count(128), 32, (1, 32));
        Assert.Equal(Count(32).Select(i => (4 * (31 - i)) + 2), read);
    }

    private static void ReverseFours(ArrayView<int> input, ArrayView<int> output)
    {
        ArrayView<Four> shared = SharedMemory.Allocate<Four>(32);
        shared[Group.IdxX] = input.Cast<Four>()[Group.IdxX];
        Group.Barrier();
        output[Group.IdxX] = shared[31 - Group.IdxX].Z;
    }

    [Fact]
    public void Local_OfEveryThread_IsItsOwn()
    {
        int[] read = Run<int, int>(SumLocals, Count(64), 64);
        Assert.Equal(Count(64).Select(i => (8 * i) + 28), read);
    }

    private static void SumLocals(ArrayView<int> input, ArrayView<int> output)
    {
        ArrayView<int> local = LocalMemory.Allocate<int>(8);
        for (int i = 0; i < local.IntLength; i++)
        {
            local[i] = input[Group.IdxX] + i;
        }

        Group.Barrier();
        int sum = 0;
        for (int i = 7; i >= 0; i--)
        {
            sum += local[i];
        }

        output[Group.IdxX] = sum;
    }
}
