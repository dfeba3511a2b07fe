using System.Numerics;
using ILGPU;
using ILGPU.Runtime;
using Winnow.Contract.Ilgpu.Tests.Support;

namespace Winnow.Contract.Ilgpu.Tests;

public sealed class MathTests(CpuFixture fixture) : KernelTests(fixture)
{
    private static readonly float[] Floats =
        [0f, -0f, 1f, -1f, 0.5f, -2.5f, 3.7f, 1e-40f, 1e30f, -1e30f, 16777217f, MathF.PI, float.PositiveInfinity, float.NegativeInfinity];

    [Fact]
    public void UnaryFunctions_OfFloats_AreThoseOfTheHost()
    {
        float[] read = Run<float, float>(Unary, Floats, 5 * Floats.Length);
        Assert.Equal(
            Floats.SelectMany(f => new[] { MathF.Abs(f), MathF.Sqrt(MathF.Abs(f)), MathF.Floor(f), MathF.Ceiling(f), MathF.CopySign(3, f) }).Select(Bits),
            read.Select(Bits));
    }

    private static void Unary(ArrayView<float> input, ArrayView<float> output)
    {
        float value = input[Group.IdxX];
        int at = 5 * Group.IdxX;
        output[at] = MathF.Abs(value);
        output[at + 1] = MathF.Sqrt(Math.Abs(value));
        output[at + 2] = MathF.Floor(value);
        output[at + 3] = MathF.Ceiling(value);
        output[at + 4] = MathF.CopySign(3, value);
    }

    [Fact]
    public void BinaryFunctions_OfFloats_AreThoseOfTheHost()
    {
        float[] read = Run<float, float>(Binary, Floats, 4 * Floats.Length);
        Assert.Equal(
            Floats.SelectMany(f => new[] { MathF.Min(f, 0.75f), MathF.Max(f, 0.75f), Math.Clamp(f, -1f, 2f), MathF.Min(-3f, f) }).Select(Bits),
            read.Select(Bits));
    }

    private static void Binary(ArrayView<float> input, ArrayView<float> output)
    {
        float value = input[Group.IdxX];
        int at = 4 * Group.IdxX;
        output[at] = MathF.Min(value, 0.75f);
        output[at + 1] = Math.Max(value, 0.75f);
        output[at + 2] = IntrinsicMath.Clamp(value, -1f, 2f);
        output[at + 3] = IntrinsicMath.Min(-3f, value);
    }

    [Fact]
    public void Arithmetic_OfFloats_RoundsEveryStep()
    {
        var random = new Random(3);
        float[] input = [.. Enumerable.Range(0, 128).Select(_ => (random.NextSingle() - 0.5f) * 100)];
        float[] read = Run<float, float>(Arithmetic, input, 4 * 128);
        for (int i = 0; i < 128; i++)
        {
            float a = input[i];
            float b = input[(i + 1) % 128];
            float product = a * b;
            Assert.Equal([product + 1.1f, a / b, 1 / MathF.Sqrt(MathF.Abs(a)), (a * 0.1f) - b], read[(4 * i)..((4 * i) + 4)]);
        }
    }

    private static void Arithmetic(ArrayView<float> input, ArrayView<float> output)
    {
        float a = input[Group.IdxX];
        float b = input[(Group.IdxX + 1) % 128];
        int at = 4 * Group.IdxX;
        output[at] = (a * b) + 1.1f;
        output[at + 1] = a / b;
        output[at + 2] = 1 / MathF.Sqrt(MathF.Abs(a));
        output[at + 3] = (a * 0.1f) - b;
    }

    [Fact]
    public void Tests_OfFloats_KnowNanAndInfinity()
    {
        float[] input = [1f, float.NaN, float.PositiveInfinity, float.NegativeInfinity];
        int[] read = Run<float, int>(Classify, input, 4);
        Assert.Equal([4 | 8, 1, 2 | 8, 2], read);
    }

    private static void Classify(ArrayView<float> input, ArrayView<int> output)
    {
        float value = input[Group.IdxX];
        output[Group.IdxX] = (float.IsNaN(value) ? 1 : 0) | (float.IsInfinity(value) ? 2 : 0) | (float.IsFinite(value) ? 4 : 0) | (value > 0f ? 8 : 0);
    }

    [Fact]
    public void Doubles_InAKernel_AreDoubles()
    {
        double[] read = Run<double, double>(Doubles, [2, 0.1], 3, (1, 1));
        Assert.Equal([Math.Sqrt(2) * 0.1, Math.Max(2, 0.1), (double)(float)0.1], read);
    }

    private static void Doubles(ArrayView<double> input, ArrayView<double> output)
    {
        output[0] = Math.Sqrt(input[0]) * input[1];
        output[1] = Math.Max(input[0], input[1]);
        output[2] = (float)input[1];
    }

    [Fact]
    public void Conversions_OfFloats_CutTowardsZero()
    {
        int[] read = Run<float, int>(Cut, [2.9f, -2.9f, 200.5f, -0.5f], 8);
        Assert.Equal([2, -2, 200, 0, 2, -2, -56, 0], read);
    }

    private static void Cut(ArrayView<float> input, ArrayView<int> output)
    {
        output[Group.IdxX] = (int)input[Group.IdxX];
        output[Group.IdxX + 4] = (sbyte)(int)input[Group.IdxX];
    }

    [Fact]
    public void BitCounts_OfWords_CountZeroToo()
    {
        uint[] words = [0, 1, 0x80000000, 0xffffffff, 0x00f0];
        int[] read = Run<uint, int>(CountBits, words, 4 * words.Length);
        Assert.Equal(
            words.SelectMany(w => new[] { BitOperations.PopCount(w), BitOperations.LeadingZeroCount(w), BitOperations.TrailingZeroCount(w), (int)BitOperations.RotateLeft(w, 5) }),
            read);
    }

    private static void CountBits(ArrayView<uint> input, ArrayView<int> output)
    {
        uint word = input[Group.IdxX];
        int at = 4 * Group.IdxX;
        output[at] = BitOperations.PopCount(word);
        output[at + 1] = BitOperations.LeadingZeroCount(word);
        output[at + 2] = BitOperations.TrailingZeroCount(word);
        output[at + 3] = (int)BitOperations.RotateLeft(word, 5);
    }

    private static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);
}
