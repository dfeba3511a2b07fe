using Winnow.Gateway.Tests.Coordination.Support;

namespace Winnow.Gateway.Tests;

public sealed class OutageTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Failed_SeveralOfThem_BeginsOnceAndEndsWithTheLast()
    {
        var sut = new Outage(_time);
        bool[] begins = [sut.Failed("a"), sut.Failed("b"), sut.Failed("a")];
        _time.Advance(TimeSpan.FromSeconds(3));
        OutageEnd? first = sut.Ended("a");
        bool isOn = sut.IsOn;
        OutageEnd? last = sut.Ended("b");
        Assert.Equal([true, false, false], begins);
        Assert.Null(first);
        Assert.True(isOn);
        Assert.Equal(new OutageEnd(TimeSpan.FromSeconds(3), 3), last);
    }

    [Fact]
    public void Ended_NothingHadFailed_IsNoNews() => Assert.Null(new Outage(_time).Ended("a"));

    [Fact]
    public void Failed_AfterAnEnd_BeginsAnew()
    {
        var sut = new Outage(_time);
        sut.Failed("a");
        sut.Ended("a");
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.True(sut.Failed("a"));
        Assert.Equal(new OutageEnd(TimeSpan.Zero, 1), sut.Ended("a"));
    }
}
