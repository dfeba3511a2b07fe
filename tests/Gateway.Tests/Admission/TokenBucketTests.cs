using Winnow.Gateway.Admission;
using Winnow.Gateway.Tests.Coordination.Support;

namespace Winnow.Gateway.Tests.Admission;

/// <summary>Rates: a minute's worth at once, then evenly, debts waited off.</summary>
public sealed class TokenBucketTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Until_AfterAMinutesWorth_IsTheTimeOfWhatIsMissing()
    {
        var sut = new TokenBucket(120, _time);
        sut.Take(120);

        Assert.Equal(TimeSpan.FromSeconds(15), sut.Until(30));
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal((TimeSpan.Zero, 30), (sut.Until(30), sut.Left));
        Assert.Equal(TimeSpan.FromSeconds(45), sut.UntilFull);
    }

    [Fact]
    public void Take_MoreThanIsThere_IsWaitedOffBeforeTheNext()
    {
        var sut = new TokenBucket(60, _time);

        sut.Take(90);

        Assert.Equal((0, TimeSpan.FromSeconds(31)), (sut.Left, sut.Until(1)));
    }

    [Fact]
    public void Until_MoreThanAMinuteAllows_IsTheTimeUntilItIsFull()
    {
        var sut = new TokenBucket(60, _time);

        Assert.Equal(TimeSpan.Zero, sut.Until(1000));
        sut.Take(10);
        Assert.Equal(TimeSpan.FromSeconds(10), sut.Until(1000));
    }

    [Fact]
    public void Left_AfterALongTime_IsAMinutesWorth()
    {
        var sut = new TokenBucket(60, _time);

        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal((60, true), (sut.Left, sut.IsFull));
    }
}
