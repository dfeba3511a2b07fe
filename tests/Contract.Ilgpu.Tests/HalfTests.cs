using ILGPU;
using ILGPU.Runtime;
using Winnow.Contract.Ilgpu.Tests.Support;

namespace Winnow.Contract.Ilgpu.Tests;

public sealed class HalfTests(CpuFixture fixture) : KernelTests(fixture)
{
    private static readonly ushort[] AllBits = [.. Enumerable.Range(0, 1 << 16).Select(i => (ushort)i)];
    private static readonly KernelConfig All = new(256, 256);

    [Fact]
    public void Widen_OfEveryHalf_IsExact()
    {
        uint[] read = Run<ushort, uint>(Widen, AllBits, 1 << 16, All);
        Assert.All(AllBits, bits => AssertSame((float)BitConverter.UInt16BitsToHalf(bits), BitConverter.UInt32BitsToSingle(read[bits])));
    }

    private static void Widen(ArrayView<ushort> input, ArrayView<uint> output)
    {
        float value = Interop.IntAsFloat(input[Grid.GlobalIndex.X]);
        output[Grid.GlobalIndex.X] = Interop.FloatAsInt(value);
    }

    [Fact]
    public void Widen_OfAViewOfHalves_IsTheSame()
    {
        float[] read = Run<ILGPU.Half, float>(WidenView, [(ILGPU.Half)1.5f, (ILGPU.Half)(-0.25f), (ILGPU.Half)65504f], 3);
        Assert.Equal([1.5f, -0.25f, 65504f], read);
    }

    private static void WidenView(ArrayView<ILGPU.Half> input, ArrayView<float> output) => output[Group.IdxX] = input[Group.IdxX];

    [Fact]
    public void Narrow_OfEveryHalfsFloat_GivesItsBits()
    {
        float[] floats = [.. AllBits.Select(bits => (float)BitConverter.UInt16BitsToHalf(bits))];
        ushort[] read = Run<float, ushort>(Narrow, floats, 1 << 16, All);
        Assert.All(AllBits, bits => AssertSame(floats[bits], (float)BitConverter.UInt16BitsToHalf(read[bits])));
    }

    /// <summary>ILGPU's CPU accelerator cuts where CUDA rounds to nearest, so kernels do not narrow this way (docs/decisions/005).</summary>
    [Fact]
    public void Narrow_BetweenHalves_GivesANeighbour()
    {
        float[] floats = [.. AllBits.Select(bits => Between(BitConverter.UInt16BitsToHalf(bits), BitConverter.UInt16BitsToHalf((ushort)(bits + 1))))];
        ushort[] read = Run<float, ushort>(Narrow, floats, 1 << 16, All);
        foreach (ushort bits in AllBits.Where(bits => float.IsFinite(floats[bits])))
        {
            Assert.InRange(read[bits], bits, bits + 1);
        }
    }

    private static float Between(System.Half low, System.Half high) => (float)(((double)low + (double)high) / 2);

    private static void Narrow(ArrayView<float> input, ArrayView<ushort> output) =>
        output[Grid.GlobalIndex.X] = Interop.FloatAsInt((ILGPU.Half)input[Grid.GlobalIndex.X]);

    [Fact]
    public void Convert_OnTheHost_IsTheSame()
    {
        Assert.Equal(0x3e00, Interop.FloatAsInt((ILGPU.Half)1.5f));
        Assert.Equal(1.5f, (float)Interop.IntAsFloat((ushort)0x3e00));
        Assert.Equal(2, Interop.SizeOf<ILGPU.Half>());
    }

    private static void AssertSame(float expected, float actual)
    {
        if (float.IsNaN(expected))
        {
            Assert.True(float.IsNaN(actual));
            return;
        }

        Assert.Equal(BitConverter.SingleToUInt32Bits(expected), BitConverter.SingleToUInt32Bits(actual));
    }
}
