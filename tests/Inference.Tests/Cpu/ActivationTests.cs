using Winnow.Inference.Cpu;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>GELU and soft caps: exact values, and the same bits on every width.</summary>
public sealed unsafe class ActivationTests
{
    [Fact]
    public void Gate_GeluOverItsRange_RoundsArgumentAndResultToHalves()
    {
        for (float x = -12; x < 12; x += 0.0137f)
        {
            double half = (double)(Half)x;
            double gelu = 0.5 * half * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (half + (0.044715 * half * half * half))));
            double expected = Math.Abs(x) >= 10 ? Math.Max(0, x) : (double)(Half)gelu;

            // Where the result lies between two halves, either may be chosen.
            Assert.InRange(Gelu(CpuKernels.Best, x) - expected, -Math.Abs(expected * 1e-3) - 6e-8, Math.Abs(expected * 1e-3) + 6e-8);
        }
    }

    [Theory]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(float.MaxValue, float.MaxValue)]
    [InlineData(-1e30f, 0f)]
    [InlineData(0f, 0f)]
    [InlineData(float.NaN, float.NaN)]
    public void Gate_GeluOfExtremes_IsTheirLimit(float x, float expected) =>
        Assert.All(CpuKernels.Supported, sut => Assert.Equal(expected, Gelu(sut, x)));

    [Fact]
    public void SoftCap_WholeRange_StaysNearDoublesAndUnderTheCap()
    {
        for (float x = -2000; x < 2000; x += 0.731f)
        {
            float capped = Cap([x], 50)[0];
            Assert.InRange(capped - (50 * Math.Tanh(x / 50.0)), -2e-5, 2e-5);
        }
        Assert.Equal(1e-3f, Cap([1e-3f], 50)[0], 1e-9f);
        Assert.Equal([50, -50, float.NaN], Cap([float.PositiveInfinity, float.NegativeInfinity, float.NaN], 50));
    }

    [Fact]
    public void SoftCap_AnyCount_EqualsScalarAndTouchesNothingElse()
    {
        foreach (int count in (int[])[1, 15, 16, 17, 33])
        {
            Random random = new(count);
            float[] row = [.. Enumerable.Range(0, count + 1).Select(_ => 100 * KernelCase.Value(random))];
            float[] expected = Run(CpuKernels.Supported[^1], row, count);

            Assert.Equal(row[^1], expected[^1]);
            Assert.All(CpuKernels.Supported, sut => Bits.AssertEqual(expected, Run(sut, row, count), $"{sut.Name} {count}"));
        }
    }

    [Fact]
    public void Gate_Gelu_EqualsScalar()
    {
        for (float x = -11; x < 11; x += 0.0311f)
        {
            float expected = Gelu(CpuKernels.Supported[^1], x);
            Assert.All(CpuKernels.Supported, sut => Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(Gelu(sut, x))));
        }
    }

    private static float Gelu(CpuKernels kernels, float x)
    {
        float* values = stackalloc float[32];
        new Span<float>(values, 16).Fill(x);
        new Span<float>(values + 16, 16).Fill(1);
        kernels.Gate(Activation.GeluTanh, values, values + 16, 16);
        return values[3];
    }

    private static float[] Cap(float[] row, float cap)
    {
        fixed (float* x = row)
        {
            CpuKernels.Best.SoftCap(x, row.Length, cap);
        }
        return row;
    }

    private static float[] Run(CpuKernels kernels, float[] row, int count)
    {
        float[] copy = [.. row];
        fixed (float* x = copy)
        {
            kernels.SoftCap(x, count, 30);
        }
        return copy;
    }
}
