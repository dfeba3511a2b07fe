using Winnow.Gateway.Coordination;
using Winnow.Gateway.Tests.Coordination.Support;

namespace Winnow.Gateway.Tests.Coordination;

public sealed class DraftLengthPolicyTests
{
    private readonly DraftLengthPolicy _sut = new(new CoordinatorOptions { MaxDraftTokens = 8, InitialDraftTokens = 4 });

    [Fact]
    public void Choose_NothingMeasured_TakesTheInitialLength() => Assert.Equal([4, 4], Choose(Sequence(1), Sequence(2)));

    [Fact]
    public void Choose_FixedLength_IsTakenWithinTheRoom()
    {
        RunningSequence sequence = Sequence(1, draft: 7);
        _sut.Choose([sequence], [5]);
        Assert.Equal(5, sequence.WantedDrafts);
    }

    [Fact]
    public void Choose_OneBadSequenceAmongGoodOnes_OnlyTheBadOneStops()
    {
        RunningSequence good = Sequence(1);
        RunningSequence bad = Sequence(2);
        Measure(targetMs: 10, draftMs: 0.5);
        for (int i = 0; i < 40; i++)
        {
            _sut.ObserveOutcome(good, 4, 4);
            _sut.ObserveOutcome(bad, 4, 0);
        }
        int[] chosen = Choose(good, bad);
        Assert.True(chosen[0] >= 4);
        Assert.Equal(0, chosen[1]);
    }

    [Fact]
    public void Choose_BetterLengthFewerThanEightTimes_KeepsTheOldOne()
    {
        RunningSequence sequence = Sequence(1);
        Measure(targetMs: 10, draftMs: 0.1);
        for (int i = 0; i < 60; i++)
        {
            _sut.ObserveOutcome(sequence, 4, 4);
        }
        for (int i = 0; i < 7; i++)
        {
            Assert.Equal([4], Choose(sequence));
        }
        Assert.Equal([8], Choose(sequence));
    }

    [Fact]
    public void Choose_DraftPassAsDearAsTheTarget_EndsAtZero()
    {
        RunningSequence sequence = Sequence(1);
        Measure(targetMs: 10, draftMs: 10);
        for (int i = 0; i < 20; i++)
        {
            Choose(sequence);
        }
        Assert.Equal(0, _sut.Longest);
    }

    [Fact]
    public void Choose_AskingHasAPriceOfItsOwn_ManyShortRoundsDoNotSpeakAgainstLongOnes()
    {
        RunningSequence sequence = Sequence(1);
        for (int i = 0; i < 60; i++)
        {
            _sut.ObserveOutcome(sequence, 4, 4);
            _sut.ObserveTarget(1 + (i % 6), TimeSpan.FromMilliseconds(2));
            _sut.ObserveDraft(1, 1, TimeSpan.FromMilliseconds(1));
        }
        _sut.ObserveDraft(1, 4, TimeSpan.FromMilliseconds(1.2));
        for (int i = 0; i < 20; i++)
        {
            Choose(sequence);
        }
        Assert.True(_sut.Longest >= 4, $"longest draft {_sut.Longest}");
    }

    private int[] Choose(params RunningSequence[] group)
    {
        var rooms = new int[group.Length];
        Array.Fill(rooms, 8);
        _sut.Choose([.. group], rooms);
        return [.. group.Select(sequence => sequence.WantedDrafts)];
    }

    private void Measure(double targetMs, double draftMs)
    {
        for (int i = 1; i < 20; i++)
        {
            _sut.ObserveTarget(i, TimeSpan.FromMilliseconds(targetMs + (0.01 * i)));
            _sut.ObserveDraft(i, 4, TimeSpan.FromMilliseconds(4 * draftMs));
        }
    }

    private static RunningSequence Sequence(long id, int? draft = null) => new(id, Requests.Of(4, 100, draft: draft), 8);
}
