using Winnow.Inference.Cpu;

namespace Winnow.Inference.Tests.Cpu;

public sealed unsafe class LaneMathTests
{
    [Fact]
    public void Exp_WholeRange_StaysBelowTwoUlp()
    {
        double worst = 0;
        for (double x = -87.2; x < 87.9; x += 0.00731)
        {
            float result = Exp((float)x);
            double exact = Math.Exp((float)x);
            double ulp = MathF.BitIncrement(result) - result;
            worst = Math.Max(worst, Math.Abs(result - exact) / ulp);
        }

        Assert.InRange(worst, 0, 2);
    }

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(-88f, 0f)]
    [InlineData(float.NegativeInfinity, 0f)]
    [InlineData(float.NaN, float.NaN)]
    public void Exp_SpecialValue_IsExact(float x, float expected) => Assert.Equal(expected, Exp(x));

    [Fact]
    public void Exp_VectorWidths_GiveTheSameBits()
    {
        float[] input = [.. Enumerable.Range(0, 4096).Select(i => (i - 2048) * 0.051f)];

        float[] scalar = Exp<LanesScalar>(input);
        Bits.AssertEqual(scalar, Exp<Lanes128>(input), "128");
        Bits.AssertEqual(scalar, Exp<Lanes256>(input), "256");
        Bits.AssertEqual(scalar, Exp<Lanes512>(input), "512");
    }

    [Fact]
    public void SinCos_LargeAngles_StayWithin1E15()
    {
        for (double angle = 0; angle < 1 << 20; angle = (angle * 1.003) + 0.01)
        {
            (double sin, double cos) = PortableTrigonometry.SinCos(angle);
            Assert.InRange(sin - Math.Sin(angle), -1e-15, 1e-15);
            Assert.InRange(cos - Math.Cos(angle), -1e-15, 1e-15);
        }
    }

    private static float Exp(float x) => Exp<LanesScalar>([x, .. new float[15]])[0];

    private static float[] Exp<T>(float[] input)
        where T : unmanaged, ILanes<T>
    {
        float[] result = new float[input.Length];
        fixed (float* source = input, destination = result)
        {
            for (int i = 0; i < input.Length; i += 16)
            {
                T.Store(LaneMath<T>.Exp(T.Load(source + i)), destination + i);
            }
        }
        return result;
    }
}
