using Winnow.Gateway.Coordination;

namespace Winnow.Gateway.Tests.Coordination;

public sealed class LinearCostTests
{
    [Fact]
    public void At_LinearMeasurements_FindsTheLine()
    {
        var sut = new LinearCost();
        for (int count = 1; count <= 30; count++)
        {
            sut.Observe(count, 5 + (2.0 * count));
        }
        Assert.True(sut.IsKnown);
        Assert.Equal(5, sut.Intercept, 6);
        Assert.Equal(25, sut.At(10), 6);
    }

    [Fact]
    public void At_OneCountOnly_SplitsTheTime()
    {
        var sut = new LinearCost();
        for (int i = 0; i < 5; i++)
        {
            sut.Observe(4, 8);
        }
        Assert.Equal(4, sut.Intercept, 6);
        Assert.Equal(8, sut.At(4), 6);
    }

    [Fact]
    public void Slope_FallingMeasurements_IsNotNegative()
    {
        var sut = new LinearCost();
        for (int count = 1; count <= 10; count++)
        {
            sut.Observe(count, 20 - count);
        }
        Assert.Equal(0, sut.Slope);
    }
}
