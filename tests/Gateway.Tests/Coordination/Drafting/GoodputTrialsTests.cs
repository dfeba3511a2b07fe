using Winnow.Gateway.Coordination.Drafting;
using Winnow.Gateway.Tests.Coordination.Support;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

/// <summary>Trials of drafting in simulated worlds: each scope has a time for a step and a chance of accepted drafts that no cost model knows of. Fixed seeds.</summary>
public sealed class GoodputTrialsTests
{
    private const int Settling = 3000;
    private const int Measured = 6000;
    private readonly ManualTime _time = new();
    private readonly GoodputTrials _sut = new();
    private readonly Random _random = new(7);

    public static TheoryData<int> Batches => [1, 4, 16, 64];

    [Theory]
    [MemberData(nameof(Batches))]
    public void Scope_AnyWorld_IsNeverMuchSlowerThanTheBest(int batch)
    {
        Random worlds = new(batch);
        for (int i = 0; i < 10; i++)
        {
            Effect[] world = [new(1, 0), new(1 + (0.1 * worlds.NextDouble()), 0.4 * worlds.NextDouble()), new(1 + worlds.NextDouble(), worlds.NextDouble())];
            Run(world, batch, Settling);

            double rate = Run(world, batch, Measured);

            double best = world.Max(effect => effect.Rate(batch));
            Assert.True(rate >= 0.97 * world[0].Rate(batch), $"{string.Join(", ", world)}: {rate}, without drafts {world[0].Rate(batch)}, scope {_sut.Scope}");
            Assert.True(rate >= 0.92 * best, $"{string.Join(", ", world)}: {rate}, at best {best}, scope {_sut.Scope}");
        }
    }

    [Fact]
    public void Scope_DraftsCostMoreThanTheyBring_FallsToNone()
    {
        Run([new(1, 0), new(1.2, 0.02), new(1.5, 0.1)], 4, Settling);

        double rate = Run([new(1, 0), new(1.2, 0.02), new(1.5, 0.1)], 4, Measured);

        Assert.InRange(rate / new Effect(1, 0).Rate(4), 0.98, 1.01);
    }

    [Fact]
    public void Scope_DraftingComesToPay_RisesAgain()
    {
        Run([new(1, 0), new(1.1, 0.02), new(1.5, 0.1)], 4, Settling);

        Run([new(1, 0), new(1.1, 0.02), new(1.2, 0.9)], 4, Settling);

        double rate = Run([new(1, 0), new(1.1, 0.02), new(1.2, 0.9)], 4, Measured);
        Assert.InRange(rate / new Effect(1.2, 0.9).Rate(4), 0.97, 1.02);
    }

    [Fact]
    public void Scope_ATrialMeetsAStall_TheNextOneComesAllTheSame()
    {
        Effect[] bad = [new(1, 0), new(1.2, 0.01), new(1.2, 0.01)];
        Effect[] good = [new(1, 0), new(1.2, 0.01), new(1.2, 0.9)];
        Run(bad, 4, Settling);
        do
        {
            Step(bad[(int)_sut.Scope], 4, 4, samplesAll: true, drafted: 4);
        }
        while (_sut.Scope != DraftScope.All);
        _time.Advance(TimeSpan.FromSeconds(60));
        Run(bad, 4, 200);
        Run(good, 4, Settling + 3000);

        double rate = Run(good, 4, Measured);

        Assert.InRange(rate / good[2].Rate(4), 0.97, 1.02);
    }

    [Fact]
    public void Scope_NothingIsDrafted_DraftersAreNotAskedAnyMore()
    {
        int without = 0;
        for (int i = 0; i < 1000; i++)
        {
            Step(new Effect(1, 0), 2, 2, samplesAll: true, drafted: 0);
            without += _sut.Scope == DraftScope.None ? 1 : 0;
        }

        Assert.InRange(without, 600, 1000);
    }

    [Fact]
    public void Scope_OnlyPromptChunks_NothingIsTried()
    {
        for (int i = 0; i < 2000; i++)
        {
            Step(new Effect(1, 0), 2, 2, samplesAll: false, drafted: 2);
            Assert.Equal(DraftScope.All, _sut.Scope);
        }
    }

    [Fact]
    public void Scope_PromptsComeWhileATrialRuns_TheTrialEnds()
    {
        Effect[] world = [new(1, 0), new(1, 0.5), new(1, 0.8)];
        for (int i = 0; i < 200 && _sut.Scope == DraftScope.All; i++)
        {
            Step(world[(int)_sut.Scope], 2, 2, samplesAll: true, drafted: 2);
        }
        Assert.NotEqual(DraftScope.All, _sut.Scope);

        for (int i = 0; i < 400; i++)
        {
            Step(world[(int)_sut.Scope], 2, 2, samplesAll: false, drafted: 2);
        }

        Assert.Equal(DraftScope.All, _sut.Scope);
    }

    [Fact]
    public void Scope_FixedLengthsOnly_NothingIsTried()
    {
        for (int i = 0; i < 1000; i++)
        {
            _sut.Begin(4, fromTokens: false, computed: false, plain: 0);
            Assert.Equal(DraftScope.All, _sut.Scope);
            Assert.Equal(0, _sut.Stamp.Ordinal);
            Assert.Equal(TrialEvent.None, _sut.Observe(_sut.Stamp, samplesAll: true, new StepYield(4, 4, 6), _time));
        }
    }

    [Theory]
    [InlineData(0.1, 1.5, nameof(DraftScope.None))]
    [InlineData(0.9, 1.2, nameof(DraftScope.All))]
    public void Scope_GroupsOfFixedLengthsTakeTurns_TheOthersAreMeasuredAllTheSame(double accepted, double milliseconds, string expected)
    {
        DraftScope best = Enum.Parse<DraftScope>(expected);
        Effect[] world = [new(1, 0), new(1.1, 0.02), new(milliseconds, accepted)];
        var held = new int[3];
        for (int i = 0; i < 2 * Settling; i++)
        {
            _sut.Begin(8, fromTokens: true, computed: true, plain: 0);
            (DraftScope scope, TrialStamp adaptive) = (_sut.Scope, _sut.Stamp);
            // The next step is sent before the result of this one is there.
            _sut.Begin(8, fromTokens: false, computed: false, plain: 0);
            (DraftScope meanwhile, TrialStamp other) = (_sut.Scope, _sut.Stamp);
            Take(adaptive, world[(int)scope], 4);
            Take(other, new Effect(3, 0.5), 4);

            Assert.Equal(scope, meanwhile);
            held[(int)scope] += i >= Settling ? 1 : 0;
        }

        Assert.InRange(held[(int)best], 0.9 * Settling, Settling);
        Assert.InRange(held[(int)DraftScope.None], 1, Settling);
    }

    [Fact]
    public void Scope_NoDrafterThatComputes_TokensAloneAreNotTriedApart()
    {
        var seen = new HashSet<DraftScope>();
        for (int i = 0; i < 2000; i++)
        {
            Step(new Effect(1, 0.3), 1, 1, samplesAll: true, drafted: 1, computed: false);
            seen.Add(_sut.Scope);
        }

        Assert.Equal([DraftScope.None, DraftScope.All], seen.Order());
    }

    [Theory]
    [InlineData(500, false)]
    [InlineData(900, true)]
    public void Scope_CostsTellThatDraftingGainsMuch_NoneIsNotTried(double plain, bool isTried)
    {
        bool tried = false;
        for (int i = 0; i < 500; i++)
        {
            Step(new Effect(1, 0.2), 1, 1, samplesAll: true, drafted: 1, computed: false, plain);
            tried |= _sut.Scope == DraftScope.None;
        }

        Assert.Equal(isTried, tried);
    }

    // Tokens a second.
    private double Run(Effect[] world, int batch, int steps)
    {
        long started = _time.GetTimestamp();
        long tokens = 0;
        for (int i = 0; i < steps; i++)
        {
            _sut.Begin(batch, fromTokens: true, computed: true, plain: 0);
            tokens += Step(world[(int)_sut.Scope], batch, batch, samplesAll: true, drafted: batch);
        }
        return tokens / _time.GetElapsedTime(started).TotalSeconds;
    }

    private int Step(Effect effect, int batch, int sequences, bool samplesAll, int drafted, bool computed = true, double plain = 0)
    {
        _sut.Begin(batch, fromTokens: true, computed, plain);
        return Take(_sut.Stamp, effect, sequences, samplesAll, drafted);
    }

    private int Take(TrialStamp stamp, Effect effect, int sequences, bool samplesAll = true, int drafted = 1)
    {
        int tokens = sequences;
        for (int i = 0; i < 2 * sequences; i++)
        {
            tokens += _random.NextDouble() < effect.Accepted / 2 ? 1 : 0;
        }
        _time.Advance(TimeSpan.FromMilliseconds(effect.Milliseconds * (1 + (0.1 * _random.NextDouble()))));
        _sut.Observe(stamp, samplesAll, new StepYield(sequences, drafted, tokens), _time);
        return tokens;
    }

    /// <summary>What a scope does to steps: their time, and accepted drafts of a sequence.</summary>
    private sealed record Effect(double Milliseconds, double Accepted)
    {
        public double Rate(int batch) => 1000 * batch * (1 + Accepted) / (1.05 * Milliseconds);
    }
}
