using Winnow.Gateway.Coordination.Drafting;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

public sealed class DraftCostTests
{
    private readonly DraftCost _sut = new();

    [Fact]
    public void At_RoundsOfDifferentForms_TellsAskingPassesAndRowsApart()
    {
        for (int i = 0; i < 400; i++)
        {
            int rows = 1 << (i % 5);
            int passes = 1 + (i % 8);
            _sut.Observe(rows, passes, True(rows, passes));
        }
        Assert.InRange(_sut.At(16, 1) / True(16, 1), 0.8, 1.2);
        Assert.InRange(_sut.At(1, 8) / True(1, 8), 0.8, 1.2);
        Assert.InRange(_sut.At(32, 8) / True(32, 8), 0.8, 1.2);
    }

    [Fact]
    public void Observe_RoundOfColdCode_IsForgottenAfterAFewFasterOnes()
    {
        _sut.Observe(1, 4, 0.030);
        for (int i = 0; i < 16; i++)
        {
            _sut.Observe(1, 4, 0.0005);
        }
        Assert.InRange(_sut.At(1, 4), 0.0004, 0.0008);
        Assert.InRange(_sut.At(16, 4), 0.0004, 0.002);
    }

    [Fact]
    public void Observe_OnePause_MovesTheEstimateLittle()
    {
        _sut.Observe(1, 4, 0.001);
        _sut.Observe(1, 4, 0.001);
        _sut.Observe(1, 4, 1);
        Assert.InRange(_sut.At(1, 4), 0.001, 0.0012);
    }

    [Fact]
    public void CatchUp_MeasuredOnce_IsWhatTheRoundTookLonger()
    {
        _sut.Observe(1, 4, 0.001);
        _sut.ObserveCatchUp(tokens: 100, rows: 1, passes: 4, 0.003);
        Assert.Equal(0.00002, _sut.CatchUp, 6);
    }

    private static double True(int rows, int passes) => 0.0002 + (passes * (0.0003 + (0.00002 * rows)));
}
