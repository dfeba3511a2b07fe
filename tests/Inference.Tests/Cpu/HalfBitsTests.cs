using Winnow.Inference.Cpu;

namespace Winnow.Inference.Tests.Cpu;

public sealed unsafe class HalfBitsTests
{
    [Fact]
    public void Widen_EveryFiniteHalf_IsExact()
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            Half half = BitConverter.UInt16BitsToHalf((ushort)bits);
            if (Half.IsFinite(half))
            {
                Assert.Equal(BitConverter.SingleToInt32Bits((float)half), BitConverter.SingleToInt32Bits(HalfBits.Widen((ushort)bits)));
            }
        }
    }

    [Fact]
    public void Narrow_EveryHalfAndItsNeighbours_RoundsToNearestEven()
    {
        for (int bits = 0; bits < 0x7C00; bits++)
        {
            float value = HalfBits.Widen((ushort)bits);
            float next = HalfBits.Widen((ushort)Math.Min(bits + 1, 0x7BFF));
            float middle = (value + next) / 2;
            foreach (float x in (float[])[value, middle, MathF.BitDecrement(middle), MathF.BitIncrement(middle), -middle])
            {
                Assert.Equal(BitConverter.HalfToUInt16Bits((Half)x), HalfBits.Narrow(x));
            }
        }
    }

    [Theory]
    [InlineData(65519.996f, 0x7BFF)]
    [InlineData(65520f, 0x7C00)]
    [InlineData(1e30f, 0x7C00)]
    [InlineData(float.NegativeInfinity, 0xFC00)]
    [InlineData(1e-30f, 0)]
    [InlineData(-1e-30f, 0x8000)]
    public void Narrow_BeyondTheRange_SaturatesOrVanishes(float value, int expected) => Assert.Equal(expected, HalfBits.Narrow(value));

    [Fact]
    public void ToHalf_VectorWidths_GiveTheSameFiniteBits()
    {
        Random random = new(3);
        float[] input = [.. Enumerable.Range(0, 4096).Select(_ => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)))];
        ushort[] expected = [.. input.Select(value => HalfBits.Narrow(Math.Clamp(float.IsNaN(value) ? float.MinValue : value, -65504f, 65504f)))];

        foreach (CpuKernels sut in CpuKernels.Supported)
        {
            ushort[] actual = new ushort[input.Length];
            fixed (float* source = input)
            {
                fixed (ushort* destination = actual)
                {
                    sut.ToHalf(source, destination, input.Length);
                }
            }
            Assert.Equal(expected, actual);
        }
    }
}
