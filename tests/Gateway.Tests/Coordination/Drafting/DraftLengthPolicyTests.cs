using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Drafting;
using Winnow.Gateway.Tests.Coordination.Support;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

public sealed class DraftLengthPolicyTests
{
    private static readonly CoordinatorOptions Options = new() { MaxDraftTokens = 8, InitialDraftTokens = 4 };

    private readonly CostTable _target = new();
    private readonly ProbeBudget _probes = new();
    private readonly DraftSource _source;
    private readonly DraftLengthPolicy _sut;

    public DraftLengthPolicyTests()
    {
        _sut = new DraftLengthPolicy(Options, 0, _target, _probes, isAsked: true, [0.6, 0.6, 0.6, 0.6]);
        _source = new DraftSource(0, "draft_model", null, _sut, new DrafterInstruments("test", "draft_model"));
    }

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
            _sut.ObserveOutcome(good.DraftsOf[0], 4, 4);
            _sut.ObserveOutcome(bad.DraftsOf[0], 4, 0);
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
            _sut.ObserveOutcome(sequence.DraftsOf[0], 4, 4);
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
            _sut.ObserveOutcome(sequence.DraftsOf[0], 4, 4);
            _target.Observe(1 + (i % 6), 0.002);
            _sut.ObserveDraft(1, 1, TimeSpan.FromMilliseconds(1));
        }
        _sut.ObserveDraft(1, 4, TimeSpan.FromMilliseconds(1.2));
        for (int i = 0; i < 20; i++)
        {
            Choose(sequence);
        }
        Assert.True(_sut.Longest >= 4, $"longest draft {_sut.Longest}");
    }

    [Fact]
    public void Choose_NoGainWorthTheName_FallsToZero()
    {
        RunningSequence sequence = Sequence(1);
        for (int i = 1; i < 20; i++)
        {
            // A row costs nearly what it brings: one draft is a hundredth better than none.
            _target.Observe(i, 0.0089 + (0.0046 * i));
            _sut.ObserveDraft(1, i, TimeSpan.FromMilliseconds(0.01));
        }
        for (int i = 0; i < 20; i++)
        {
            sequence.DraftsOf[0].Acceptance[0] = 0.36;
            Choose(sequence);
        }
        Assert.Equal(0, _sut.Longest);
    }

    [Fact]
    public void Choose_LengthFellOften_RisesMoreSlowly()
    {
        RunningSequence sequence = Sequence(1);
        Measure(targetMs: 10, draftMs: 0.1);
        int first = StepsToRise(sequence);
        for (int i = 0; i < 3; i++)
        {
            Fall(sequence);
            Assert.InRange(StepsToRise(sequence), (2 << i) * first, (2 << i) * first + 1);
        }
    }

    [Fact]
    public void Choose_LengthFellToZero_ProbesOnlyWithinTheBudget()
    {
        RunningSequence sequence = Sequence(1);
        Measure(targetMs: 10, draftMs: 10);
        for (int i = 0; i < 20; i++)
        {
            Choose(sequence);
        }
        sequence.StepsWithoutDraft = 1000;
        Assert.Equal([0], Choose(sequence));
        _probes.Earn(TimeSpan.FromSeconds(3.9));
        Assert.Equal([0], Choose(sequence));
        _probes.Earn(TimeSpan.FromSeconds(0.2));
        Assert.Equal([4], Choose(sequence));
        Assert.Equal([0], Choose(sequence));
    }

    [Fact]
    public void ValueOf_DearerOrLessAccepted_IsLower()
    {
        RunningSequence good = Sequence(1);
        RunningSequence bad = Sequence(2);
        for (int i = 0; i < 10; i++)
        {
            _sut.ObserveOutcome(good.DraftsOf[0], 4, 4);
            _sut.ObserveOutcome(bad.DraftsOf[0], 4, 0);
        }
        Assert.True(_sut.ValueOf(good, 8) > _sut.ValueOf(bad, 8));
        Assert.True(_sut.ValueOf(good, 8) > _sut.ValueOf(good, 1));
        Assert.Equal(0, _sut.ValueOf(good, 0));
    }

    private void Fall(RunningSequence sequence)
    {
        sequence.DraftsOf[0].Acceptance[0] = 0.01;
        for (int i = 0; i < 8; i++)
        {
            Choose(sequence);
        }
        Assert.Equal(0, _sut.Longest);
    }

    private int StepsToRise(RunningSequence sequence)
    {
        if (_sut.Longest > 0)
        {
            Fall(sequence);
        }
        sequence.DraftsOf[0].Acceptance[0] = 0.99;
        int steps = 0;
        while (_sut.Longest == 0)
        {
            Choose(sequence);
            steps++;
        }
        return steps;
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
            _target.Observe(i, (targetMs + (0.01 * i)) / 1000);
            _sut.ObserveDraft(i, 4, TimeSpan.FromMilliseconds(4 * draftMs));
        }
    }

    private RunningSequence Sequence(long id, int? draft = null) => new(id, Requests.Of(4, 100, draft: draft), 8)
    {
        Drafter = _source,
        DraftsOf = [new SequenceDrafts()],
    };
}
