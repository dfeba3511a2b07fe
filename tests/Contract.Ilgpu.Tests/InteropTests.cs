using ILGPU;
using ILGPU.Runtime;
using Winnow.Contract.Ilgpu.Tests.Support;

namespace Winnow.Contract.Ilgpu.Tests;

public sealed class InteropTests(CpuFixture fixture) : KernelTests(fixture)
{
    [Fact]
    public void FloatAsInt_AndBack_KeepsEveryBit()
    {
        float[] floats = [0f, -0f, 1f, -1.5f, float.MaxValue, float.Epsilon, float.PositiveInfinity, float.NaN];
        uint[] read = Run<float, uint>(RoundTrip, floats, 16);
        Assert.Equal(floats.SelectMany(f => new[] { BitConverter.SingleToUInt32Bits(f), BitConverter.SingleToUInt32Bits(f) }), read);
    }

    private static void RoundTrip(ArrayView<float> input, ArrayView<uint> output)
    {
        float value = input[Group.IdxX];
        output[2 * Group.IdxX] = Interop.FloatAsInt(Interop.IntAsFloat(Interop.FloatAsInt(value)));
        output[(2 * Group.IdxX) + 1] = (uint)BitConverter.SingleToInt32Bits(BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(value)));
    }

    [Fact]
    public void FloatAsInt_OfADouble_KeepsEveryBit()
    {
        double[] doubles = [0.1, -0.0, double.MaxValue];
        ulong[] read = Run<double, ulong>(RoundTripWide, doubles, 3);
        Assert.Equal(doubles.Select(BitConverter.DoubleToUInt64Bits), read);
    }

    private static void RoundTripWide(ArrayView<double> input, ArrayView<ulong> output) =>
        output[Group.IdxX] = Interop.FloatAsInt(Interop.IntAsFloat(Interop.FloatAsInt(input[Group.IdxX])));

    [Fact]
    public void BrainFloat_ByAShift_IsTheUpperHalfOfAFloat()
    {
        float[] read = Run<ushort, float>(WidenBrainFloat, [0x3f80, 0xc049, 0x0001], 3);
        Assert.Equal([1f, -3.140625f, BitConverter.UInt32BitsToSingle(0x10000)], read);
    }

    private static void WidenBrainFloat(ArrayView<ushort> input, ArrayView<float> output) =>
        output[Group.IdxX] = Interop.IntAsFloat((uint)input[Group.IdxX] << 16);

    [Fact]
    public void SizeOf_InAKernel_IsTheTypesSize()
    {
        int[] read = Run<int, int>(Sizes, [0], 3);
        Assert.Equal([16, 2, 16], read);
    }

    private static unsafe void Sizes(ArrayView<int> input, ArrayView<int> output)
    {
        output[0] = Interop.SizeOf<Four>() + input[0];
        output[1] = Interop.SizeOf<ILGPU.Half>();
        output[2] = sizeof(Four);
    }
}
