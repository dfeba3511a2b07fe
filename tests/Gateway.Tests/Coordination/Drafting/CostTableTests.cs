using Winnow.Gateway.Coordination.Drafting;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

public sealed class CostTableTests
{
    private readonly CostTable _sut = new();

    [Theory]
    [InlineData(1, 7)]
    [InlineData(3, 11)]
    [InlineData(10, 25)]
    [InlineData(100, 205)]
    public void At_TwoPointsOnALine_FollowsTheLine(double count, double expected)
    {
        _sut.Observe(2, 9);
        _sut.Observe(40, 85);
        Assert.Equal(expected, _sut.At(count), 6);
    }

    [Fact]
    public void Seed_OnePoint_IsKnownAndMovesWithWhatIsMeasured()
    {
        _sut.Seed(4, 0);
        Assert.False(_sut.IsKnown);

        _sut.Seed(4, 10);
        Assert.True(_sut.IsKnown);
        Assert.Equal(8.5, _sut.At(4), 6);

        _sut.Observe(4, 6);
        Assert.Equal(8, _sut.At(4), 6);
    }

    [Fact]
    public void At_PointOnlySeeded_IsAsMuchCheaperAsOthersProvedToBe()
    {
        _sut.Seed(1, 10);
        _sut.Seed(4, 20);

        _sut.Observe(1, 2);

        Assert.Equal(6, _sut.At(1), 6);
        Assert.Equal(12, _sut.At(4), 6);
    }

    [Fact]
    public void At_PointNotMeasuredForLong_IsTakenToBeSomewhatCheaper()
    {
        _sut.Observe(4, 20);
        for (int i = 0; i < 4096; i++)
        {
            Assert.Equal(20, _sut.At(4), 6);
            _sut.Observe(1, 10);
        }

        Assert.Equal(17, _sut.At(4), 6);
    }

    [Fact]
    public void At_OnePoint_TakesMostOfTheTimeAsFixed()
    {
        _sut.Observe(4, 10);
        Assert.Equal(10, _sut.At(4), 6);
        Assert.Equal(7.75, _sut.At(1), 6);
        Assert.Equal(13, _sut.At(8), 6);
    }

    [Fact]
    public void At_LargeCountMeasuredLongAgo_IsNotForgotten()
    {
        _sut.Observe(64, 64);
        for (int i = 0; i < 1000; i++)
        {
            _sut.Observe(2, 2);
        }
        Assert.Equal(8, _sut.At(8), 6);
    }

    [Fact]
    public void At_LargerCountMeasuredFaster_NeverFalls()
    {
        _sut.Observe(2, 10);
        _sut.Observe(8, 5);
        Assert.Equal(10, _sut.At(8), 6);
        Assert.Equal(0, _sut.SlopeBetween(2, 8), 6);
    }

    [Fact]
    public void Observe_OneOutlier_MovesTheEstimateLittle()
    {
        _sut.Observe(4, 10);
        _sut.Observe(4, 10_000);
        Assert.Equal(13, _sut.At(4), 6);
    }

    [Fact]
    public void IsKnown_OnlyZeroTimes_IsFalse()
    {
        for (int i = 0; i < 10; i++)
        {
            _sut.Observe(4, 0);
        }
        Assert.False(_sut.IsKnown);
    }
}
