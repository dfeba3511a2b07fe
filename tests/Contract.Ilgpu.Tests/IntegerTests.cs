using ILGPU;
using ILGPU.Runtime;
using Winnow.Contract.Ilgpu.Tests.Support;

namespace Winnow.Contract.Ilgpu.Tests;

public sealed class IntegerTests(CpuFixture fixture) : KernelTests(fixture)
{
    [Theory]
    [InlineData(7, 3)]
    [InlineData(-7, 3)]
    [InlineData(7, -3)]
    [InlineData(int.MinValue, 16)]
    public void Division_OfAnySigns_CutsTowardsZero(int left, int right)
    {
        int[] read = Run<int, int>(Divide, [left, right], 6, (1, 1));
        Assert.Equal([left / right, left % right, (int)((uint)left / (uint)right), (int)((uint)left % (uint)right), left / 8, left % 8], read);
    }

    private static void Divide(ArrayView<int> input, ArrayView<int> output)
    {
        int left = input[0];
        int right = input[1];
        output[0] = left / right;
        output[1] = left % right;
        output[2] = (int)((uint)left / (uint)right);
        output[3] = (int)((uint)left % (uint)right);
        output[4] = left / 8;
        output[5] = left % 8;
    }

    [Theory]
    [InlineData(-9, 0)]
    [InlineData(-9, 31)]
    [InlineData(-9, 33)]
    [InlineData(0x12345678, 12)]
    public void Shifts_ByAnyCount_TakeItModuloTheWidth(int value, int count)
    {
        int[] read = Run<int, int>(Shift, [value, count], 3, (1, 1));
        Assert.Equal([value << count, value >> count, value >>> count], read);
    }

    private static void Shift(ArrayView<int> input, ArrayView<int> output)
    {
        output[0] = input[0] << input[1];
        output[1] = input[0] >> input[1];
        output[2] = input[0] >>> input[1];
    }

    [Fact]
    public void Products_OfLongs_AreWhole()
    {
        ulong[] read = Run<ulong, ulong>(Multiply, [0xdeadbeefcafebabe, 0x9e3779b97f4a7c15], 4, (1, 1));
        ulong high = Math.BigMul(0xdeadbeefcafebabe, 0x9e3779b97f4a7c15, out ulong low);
        Assert.Equal([low, high, 0xdeadbeefcafebabe >> 29, 0xdeadbeefcafebabe % 1000], read);
    }

    private static void Multiply(ArrayView<ulong> input, ArrayView<ulong> output)
    {
        ulong left = input[0];
        ulong right = input[1];
        ulong leftLow = (uint)left;
        ulong rightLow = (uint)right;
        ulong middle = ((left >> 32) * rightLow) + ((leftLow * rightLow) >> 32);
        ulong other = (leftLow * (right >> 32)) + (uint)middle;
        output[0] = left * right;
        output[1] = ((left >> 32) * (right >> 32)) + (middle >> 32) + (other >> 32);
        output[2] = left >> 29;
        output[3] = left % 1000;
    }

    [Fact]
    public void Narrowing_OfIntegers_KeepsTheLowBits()
    {
        int[] read = Run<int, int>(Narrow, [-200, 0x12345678, 255, 128], 16);
        Assert.Equal(
            new[] { -200, 0x12345678, 255, 128 }.SelectMany(v => new[] { (byte)v, (sbyte)v, (ushort)v, (int)(short)v }),
            read);
    }

    private static void Narrow(ArrayView<int> input, ArrayView<int> output)
    {
        int value = input[Group.IdxX];
        int at = 4 * Group.IdxX;
        output[at] = (byte)value;
        output[at + 1] = (sbyte)value;
        output[at + 2] = (ushort)value;
        output[at + 3] = (short)value;
    }

    [Fact]
    public void Widening_OfSmallTypes_KeepsTheSign()
    {
        int[] read = Run<byte, int>(Widen, [0xf3, 0x85], 6, (1, 1));
        Assert.Equal([0xf3, -13, 0x85f3, unchecked((short)0x85f3), 0x3, 0xf], read);
    }

    private static void Widen(ArrayView<byte> input, ArrayView<int> output)
    {
        output[0] = input[0];
        output[1] = input.Cast<sbyte>()[0];
        output[2] = input.Cast<ushort>()[0];
        output[3] = input.Cast<short>()[0];
        output[4] = input[0] & 15;
        output[5] = input[0] >> 4;
    }

    [Fact]
    public void ByteProducts_InAWord_SumAsIntegers()
    {
        int[] read = Run<int, int>(DotBytes, [unchecked((int)0x80ff7f01), unchecked((int)0x807f8002), 5], 1, (1, 1));
        Assert.Equal([(1 * 2) + (127 * -128) + (-1 * 127) + (-128 * -128) + 5], read);
    }

    private static void DotBytes(ArrayView<int> input, ArrayView<int> output)
    {
        int left = input[0];
        int right = input[1];
        int sum = input[2];
        for (int shift = 0; shift < 32; shift += 8)
        {
            sum += (sbyte)(left >> shift) * (sbyte)(right >> shift);
        }

        output[0] = sum;
    }

    [Fact]
    public void Functions_OfIntegers_AreThoseOfTheHost()
    {
        int[] read = Run<int, int>(Functions, [-5, 9], 6, (1, 1));
        Assert.Equal([5, -5, 9, 3, 0, unchecked((int)uint.MaxValue - 4)], read);
    }

    private static void Functions(ArrayView<int> input, ArrayView<int> output)
    {
        output[0] = Math.Abs(input[0]);
        output[1] = Math.Min(input[0], input[1]);
        output[2] = Math.Max(input[0], input[1]);
        output[3] = IntrinsicMath.DivRoundUp(input[1], 4);
        output[4] = IntrinsicMath.Clamp(input[0], 0, 7);
        output[5] = (int)Math.Max((uint)input[0], (uint)input[1]);
    }
}
