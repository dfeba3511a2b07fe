using ILGPU;
using ILGPU.Runtime;
using Winnow.Contract.Ilgpu.Tests.Formats;
using Winnow.Contract.Ilgpu.Tests.Support;

namespace Winnow.Contract.Ilgpu.Tests;

public sealed class GenericKernelTests(CpuFixture fixture) : KernelTests(fixture)
{
    [Fact]
    public void Kernel_SpecialisedByAStruct_CallsItsMembers()
    {
        byte[] bytes = [1, 0xff, 0x80, 4, 5, 6, 7, 8];
        float[] signed = Run<byte, float>(Decode<Signed8>, bytes, 8, (1, 8));
        float[] biased = Run<byte, float>(Decode<Biased4>, bytes, 16, (1, 16));
        Assert.Equal(bytes.Select(b => (sbyte)b * 2f), signed);
        Assert.Equal(bytes.SelectMany(b => new[] { ((b & 15) - 8) * 0.5f, ((b >> 4) - 8) * 0.5f }), biased);
    }

    private static void Decode<TFormat>(ArrayView<byte> input, ArrayView<float> output)
        where TFormat : unmanaged, IFormat
    {
        int i = Group.IdxX;
        long offset = (long)(i / 4) * TFormat.BlockBytes;
        float value = TFormat.Decode(input, offset, i % 4) - TFormat.Bias;
        output[i] = default(TFormat).Scale(value);
    }

    [Fact]
    public void Memory_SizedByATypeArgument_HasItsSize()
    {
        int[] signed = Run<int, int>(Sizes<Signed8>, [0], 2);
        int[] biased = Run<int, int>(Sizes<Biased4>, [0], 2);
        Assert.Equal([128, 4], signed);
        Assert.Equal([64, 2], biased);
    }

    private static void Sizes<TFormat>(ArrayView<int> input, ArrayView<int> output)
        where TFormat : unmanaged, IFormat
    {
        ArrayView<byte> shared = SharedMemory.Allocate<byte>(TFormat.BlockBytes * 32);
        ArrayView<float> local = LocalMemory.Allocate<float>(TFormat.BlockBytes);
        shared[input[0]] = 1;
        local[input[0]] = 1;
        output[0] = shared.IntLength;
        output[1] = local.IntLength;
    }

    [Fact]
    public void Branch_OnATypesConstant_TakesItsSide()
    {
        Assert.Equal([1], Run<int, int>(Side<Signed8>, [0], 1));
        Assert.Equal([2], Run<int, int>(Side<Biased4>, [0], 1));
    }

    private static void Side<TFormat>(ArrayView<int> input, ArrayView<int> output)
        where TFormat : unmanaged, IFormat
    {
        if (TFormat.IsSigned)
        {
            output[0] = 1 + input[0];
        }
        else
        {
            Group.Barrier();
            output[0] = 2 + input[0];
        }
    }

    [Fact]
    public void Kernel_OfElementTypes_TakesThem()
    {
        Assert.Equal(Count(8), Run<int, int>(Copy, Count(8), 8));
        Assert.Equal([0.5f, 1.5f], Run<float, float>(Copy, [0.5f, 1.5f], 2));
    }

    private static void Copy<T>(ArrayView<T> input, ArrayView<T> output)
        where T : unmanaged =>
        output[Group.IdxX] = input[Group.IdxX];
}
