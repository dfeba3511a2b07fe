using Winnow.GpuWorker.Control;

namespace Winnow.GpuWorker.Tests.Control;

public sealed class RegistrationPaceTests
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    [Fact]
    public void After_RegistrationsThatDoNotLast_WaitsTwiceAsLongEachTimeUpToTheLongest()
    {
        var sut = new RegistrationPace(First, Longest, share: 0.5);
        int[] waits = [.. Enumerable.Range(0, 6).Select(_ => (int)sut.After(TimeSpan.Zero).TotalMilliseconds)];
        Assert.Equal([100, 200, 400, 800, 1000, 1000], waits);
    }

    [Fact]
    public void After_OneThatLasted_BeginsShortAgain()
    {
        var sut = new RegistrationPace(First, Longest, share: 0.5);
        sut.After(TimeSpan.Zero);
        sut.After(TimeSpan.Zero);
        Assert.Equal(First, sut.After(Longest));
    }

    [Theory]
    [InlineData(0, 50)]
    [InlineData(1, 150)]
    public void After_WorkersOfOtherShares_WaitForOtherTimes(double share, int milliseconds) =>
        Assert.Equal(milliseconds, (int)new RegistrationPace(First, Longest, share).After(Longest).TotalMilliseconds);
}
