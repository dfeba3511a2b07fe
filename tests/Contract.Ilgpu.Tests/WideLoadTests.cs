using ILGPU;
using ILGPU.Runtime;
using Winnow.Contract.Ilgpu.Tests.Support;

namespace Winnow.Contract.Ilgpu.Tests;

public sealed class WideLoadTests(CpuFixture fixture) : KernelTests(fixture)
{
    [Fact]
    public void Load_OfSixteenBytes_ThroughACastStruct_ReadsThemAll()
    {
        byte[] bytes = [.. Enumerable.Range(0, 16 * 8).Select(i => (byte)((i * 37) + 11))];
        int[] read = Run<byte, int>(SumNibbles, bytes, 8, (1, 8));
        Assert.Equal(Enumerable.Range(0, 8).Select(i => bytes.Skip(16 * i).Take(16).Sum(b => (b & 15) - (b >> 4))), read);
    }

    private static void SumNibbles(ArrayView<byte> input, ArrayView<int> output)
    {
        Four four = input.Cast<Four>()[Group.IdxX];
        output[Group.IdxX] = OfWord(four.X) + OfWord(four.Y) + OfWord(four.Z) + OfWord(four.W);
    }

    private static int OfWord(int word)
    {
        int sum = 0;
        for (int i = 0; i < 4; i++)
        {
            sum += ((word >> (8 * i)) & 15) - ((word >> ((8 * i) + 4)) & 15);
        }

        return sum;
    }

    [Fact]
    public void Store_OfSixteenBytes_ThroughACastStruct_WritesThemAll()
    {
        int[] read = Run<int, int>(ReverseFours, Count(64), 64, (1, 16));
        Assert.Equal(Enumerable.Range(0, 16).Reverse().SelectMany(i => Count(64)[(4 * i)..((4 * i) + 4)]), read);
    }

    private static void ReverseFours(ArrayView<int> input, ArrayView<int> output) =>
        output.Cast<Four>()[Group.IdxX] = input.Cast<Four>()[15 - Group.IdxX];

    [Fact]
    public void Load_FromAnAlignedSubView_ReadsThere()
    {
        int[] read = Run<int, int>(FromOffset, [8, .. Count(31)], 4, (1, 4));
        Assert.Equal([10 + 7, 14 + 11, 18 + 15, 22 + 19], read);
    }

    private static void FromOffset(ArrayView<int> input, ArrayView<int> output)
    {
        ArrayView<Four> fours = input.SubView(input[0], 16).AsAligned(16).Cast<Four>();
        Four four = fours[Group.IdxX];
        output[Group.IdxX] = four.X + four.W;
    }

    [Fact]
    public void ViewOfStructs_WrittenByField_ChangesThatFieldOnly()
    {
        using MemoryBuffer1D<Four, Stride1D.Dense> buffer = Accelerator.Allocate1D([new Four { X = 1, Y = 2, Z = 3, W = 4 }]);
        Accelerator.LoadKernel<ArrayView<Four>>(SetY)(Accelerator.DefaultStream, (1, 1), buffer.View);
        Accelerator.Synchronize();
        Four read = buffer.GetAsArray1D()[0];
        Assert.Equal([1, 20, 3, 4], new[] { read.X, read.Y, read.Z, read.W });
    }

    private static void SetY(ArrayView<Four> fours)
    {
        ref Four four = ref fours[0];
        four.Y *= 10;
    }
}
