using Winnow.Gateway.Serving;
using Winnow.Gateway.Tests.Coordination.Support;

namespace Winnow.Gateway.Tests.Serving;

/// <summary>What a client is told to wait for a model that is not ready.</summary>
public sealed class PendingModelsTests
{
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData(0.25, 0.75, 10, 5)]
    [InlineData(0, 0.5, 20, 20)]
    [InlineData(0, 0.999, 10, 1)]
    [InlineData(0, 0.001, 10, 60)]
    public void WaitFor_ModelThatLoads_IsWhatIsLeftAtItsPace(double first, double now, int seconds, int expected)
    {
        var sut = new PendingModels(_time);
        sut.Note("m", first);
        _time.Advance(TimeSpan.FromSeconds(seconds));
        sut.Note("m", now);

        Assert.Equal(expected, sut.WaitFor("m").TotalSeconds, tolerance: 0.1);
    }

    [Fact]
    public void WaitFor_NoProgress_IsAsLongAgainAsItHasTaken()
    {
        var sut = new PendingModels(_time);
        sut.Note("m", 0);
        _time.Advance(TimeSpan.FromSeconds(8));
        sut.Note("m", 0);

        Assert.Equal(8, sut.WaitFor("m").TotalSeconds);
    }

    [Fact]
    public void WaitFor_LoadThatBeganAnew_ForgetsTheOneBefore()
    {
        var sut = new PendingModels(_time);
        sut.Note("m", 0.9);
        _time.Advance(TimeSpan.FromSeconds(30));
        sut.Note("m", 0.1);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(2, sut.WaitFor("m").TotalSeconds);
    }

    [Fact]
    public void Forget_ReadyModel_IsASecondForWhoStillAsks()
    {
        var sut = new PendingModels(_time);
        sut.Note("m", 0);
        _time.Advance(TimeSpan.FromSeconds(30));

        sut.Forget(["m"]);

        Assert.Equal((1, 0), (sut.WaitFor("m").TotalSeconds, sut.Names.Count));
    }
}
