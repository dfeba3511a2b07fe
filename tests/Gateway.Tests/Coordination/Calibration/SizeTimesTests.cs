using Winnow.Gateway.Coordination.Calibration;

namespace Winnow.Gateway.Tests.Coordination.Calibration;

public sealed class SizeTimesTests
{
    [Fact]
    public void Of_ManyTimes_IsTheMedianOfTheLastFive()
    {
        var sut = new SizeTimes();
        foreach (double seconds in (double[])[9, 9, 9, 1, 5, 2, 4, 3])
        {
            sut.Add(4, seconds);
        }
        Assert.Equal(3, sut.Of(4));
    }

    [Fact]
    public void Of_TwoTimes_IsTheLess()
    {
        var sut = new SizeTimes();
        sut.Add(1, 7);
        sut.Add(1, 2);
        Assert.Equal(2, sut.Of(1));
    }

    [Fact]
    public void ToString_Sizes_RiseWithTheirMilliseconds()
    {
        var sut = new SizeTimes();
        Assert.Equal("none", sut.ToString());
        Assert.Equal(0, sut.Of(2));
        sut.Add(2, 0.0125);
        sut.Add(1, 0.01);
        Assert.Equal("1: 10.00, 2: 12.50", sut.ToString());
    }
}
