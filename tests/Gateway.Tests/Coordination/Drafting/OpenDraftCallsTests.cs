using Winnow.Gateway.Coordination.Drafting;
using Winnow.Gateway.Tests.Coordination.Support;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

public sealed class OpenDraftCallsTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(100);
    private readonly ManualTime _time = new();

    [Fact]
    public void TakeLate_SeveralOut_GivesEachWhenItsOwnDeadlineHasPassed()
    {
        int woken = 0;
        using var sut = new OpenDraftCalls(Deadline, _time, () => woken++);
        OpenDraftCall first = Add(sut);
        _time.Advance(TimeSpan.FromMilliseconds(60));
        OpenDraftCall second = Add(sut);
        _time.Advance(TimeSpan.FromMilliseconds(40));

        Assert.Equal((1, first, null), (woken, sut.TakeLate(), sut.TakeLate()));
        _time.Advance(TimeSpan.FromMilliseconds(60));
        Assert.Equal((2, second, null), (woken, sut.TakeLate(), sut.TakeLate()));
    }

    [Fact]
    public void CanAsk_LateAgainAndAgain_RestsForTwiceAsLongEachTime()
    {
        using var sut = new OpenDraftCalls(Deadline, _time, static () => { });
        List<int> rests = [];
        for (int i = 0; i < 8; i++)
        {
            BeLate(sut);
            int rest = 0;
            for (; !sut.CanAsk; rest++)
            {
                _time.Advance(Deadline);
            }
            rests.Add(rest);
        }
        Assert.Equal([0, 1, 2, 4, 8, 16, 16, 16], rests);
    }

    [Fact]
    public void CanAsk_AnsweredInTimeOnce_ForgivesWhatWasLate()
    {
        using var sut = new OpenDraftCalls(Deadline, _time, static () => { });
        BeLate(sut);
        sut.ObserveInTime();
        BeLate(sut);
        Assert.True(sut.CanAsk);
    }

    [Fact]
    public void CanAsk_OneIsLate_OnlyWhenItHasAnswered()
    {
        using var sut = new OpenDraftCalls(Deadline, _time, static () => { });
        OpenDraftCall late = Add(sut);
        _time.Advance(Deadline);
        Assert.Same(late, sut.TakeLate());
        Assert.False(sut.CanAsk);
        Assert.Same(late, sut.Take(late.Round));
        Assert.True(sut.CanAsk);
        Assert.Null(sut.Take(late.Round));
    }

    [Fact]
    public void Abandon_CallsAreOut_CancelsThemAndForgetsThem()
    {
        using var sut = new OpenDraftCalls(Deadline, _time, static () => { });
        OpenDraftCall call = Add(sut);
        CancellationToken token = sut.Abandoned;
        _time.Advance(Deadline);
        Assert.False(token.IsCancellationRequested);
        sut.Abandon();
        Assert.True(token.IsCancellationRequested);
        Assert.Null(sut.Take(call.Round));
        Assert.False(sut.Abandoned.IsCancellationRequested);
    }

    private static OpenDraftCall Add(OpenDraftCalls calls)
    {
        OpenDraftCall call = calls.Create();
        calls.Add(call);
        return call;
    }

    private void BeLate(OpenDraftCalls calls)
    {
        OpenDraftCall call = Add(calls);
        _time.Advance(Deadline);
        Assert.Same(call, calls.TakeLate());
        calls.Take(call.Round);
    }
}
