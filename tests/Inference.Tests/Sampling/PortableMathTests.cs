using Winnow.Inference.Sampling;

namespace Winnow.Inference.Tests.Sampling;

public sealed class PortableMathTests
{
    private const double StatedError = 1.0 / (1L << 50);

    [Fact]
    public void Log_WholeRange_StaysWithinTheStatedError()
    {
        Random random = new(1);
        double worst = 0;
        for (int i = 0; i < 200_000; i++)
        {
            double x = i % 2 == 0 ? random.NextDouble() + 1e-12 : Math.Exp((random.NextDouble() - 0.5) * 1400);
            worst = Math.Max(worst, RelativeError(PortableMath.Log(x), Math.Log(x)));
        }
        Assert.InRange(worst, 0, StatedError);
    }

    [Fact]
    public void Log_NearOne_KeepsItsRelativeError()
    {
        for (int i = 1; i < 40; i++)
        {
            double x = 1 - Math.Pow(2, -i);
            Assert.InRange(RelativeError(PortableMath.Log(x), Math.Log(x)), 0, StatedError);
        }
        Assert.Equal(0, PortableMath.Log(1));
    }

    [Fact]
    public void Exp_WholeRange_StaysWithinTheStatedError()
    {
        Random random = new(2);
        double worst = 0;
        for (int i = 0; i < 200_000; i++)
        {
            double x = i % 2 == 0 ? -30 * random.NextDouble() : (random.NextDouble() * 1400) - 700;
            worst = Math.Max(worst, RelativeError(PortableMath.Exp(x), Math.Exp(x)));
        }
        Assert.InRange(worst, 0, StatedError);
    }

    [Fact]
    public void Exp_AMillionArguments_HashToTheGoldenValue()
    {
        ulong hash = 0;
        for (int i = 0; i < 1_000_000; i++)
        {
            hash = (hash * 6364136223846793005) + (ulong)BitConverter.DoubleToInt64Bits(PortableMath.Exp(-i * 7.1e-4));
        }
        Assert.Equal(0x72c9aa77116b16ceul, hash);
    }

    [Fact]
    public void Exp_Edges_AreDefined()
    {
        Assert.Equal(1, PortableMath.Exp(0));
        Assert.Equal(0, PortableMath.Exp(-709));
        Assert.Equal(0, PortableMath.Exp(double.NegativeInfinity));
        Assert.True(double.IsFinite(PortableMath.Exp(1e9)));
    }

    private static double RelativeError(double found, double expected) => expected == 0 ? Math.Abs(found) : Math.Abs((found - expected) / expected);
}
