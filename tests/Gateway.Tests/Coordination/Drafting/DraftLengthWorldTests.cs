using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Drafting;
using Winnow.Gateway.Tests.Coordination.Support;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

/// <summary>
/// The draft length in simulated worlds, in which time is made up: a step costs a fixed time and one for each row, a draft round one for asking and one for each pass, drafts
/// are kept by lot. No clock, fixed seeds.
/// </summary>
public sealed class DraftLengthWorldTests
{
    private const int Most = 8;
    private const int Settling = 400;
    private const int Measured = 1500;

    public static TheoryData<int> Batches => [1, 2, 4, 8, 16, 32, 64];

    [Theory]
    [MemberData(nameof(Batches))]
    public void Choose_AnyWorld_ComesNearTheBestFixedLengthAndIsNeverSlowerThanNone(int batch)
    {
        Random random = new(batch);
        for (int i = 0; i < 12; i++)
        {
            World world = World.Random(random);
            Simulation sut = new(world, batch, noise: i % 3 == 0 ? 0 : 0.15, seed: i, atOnce: i % 2 == 0);
            sut.Run(Settling);

            double rate = sut.Run(Measured);

            double[] fixedRates = [.. Enumerable.Range(0, Most + 1).Select(length => world.Rate(batch, length) / sut.MeanJitter)];
            Assert.True(rate >= 0.97 * fixedRates[0], $"{world}: {rate} tokens/s, {fixedRates[0]} without drafts, longest {sut.Longest}");
            Assert.True(rate >= 0.82 * fixedRates.Max(), $"{world}: {rate} tokens/s, {fixedRates.Max()} at best, longest {sut.Longest}");
        }
    }

    [Theory]
    [InlineData(1, 1.0, 0.8)]
    [InlineData(1, 1.6, 0.8)]
    [InlineData(1, 1.6, 0.5)]
    public void Choose_CalibratedByColdCode_FirstStepsComeNearTheBest(int batch, double cold, double acceptance)
    {
        var overBest = new List<double>();
        for (int i = 0; i < 200; i++)
        {
            World world = new(0.013, 0.0024, 0, 0, acceptance);
            Simulation sut = new(world, batch, noise: 0.15, seed: i, atOnce: true, prior: 0.3, isAsked: false);
            sut.Calibrate(cold);
            overBest.Add(sut.Run(300) * sut.MeanJitter / Enumerable.Range(0, Most + 1).Max(length => world.Rate(batch, length)));
        }

        Assert.True(overBest.Average() >= 0.94 && overBest.Min() >= 0.76, $"{overBest.Average()} of the best on average, at least {overBest.Min()}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(16)]
    public void Choose_AcceptanceGoesAndComesBack_FallsToZeroAndRecovers(int batch)
    {
        World good = new(0.010, 0.0002, 0.0002, 0.0003, 0.85);
        World bad = good with { Acceptance = 0.02 };
        Simulation sut = new(good, batch, noise: 0.1, seed: 5);
        sut.Run(Settling);
        Assert.True(sut.Longest >= 3, $"longest draft {sut.Longest}");

        sut.World = bad;
        sut.Run(Settling);
        Assert.Equal(0, sut.Longest);

        sut.World = good;
        sut.Run(20_000);
        Assert.True(sut.Longest >= 3, $"longest draft {sut.Longest}");
    }

    /// <summary>What things cost.</summary>
    private sealed record World(double Step, double Row, double Ask, double Pass, double Acceptance)
    {
        public static World Random(Random random) => new(
            0.002 + (0.02 * random.NextDouble()),
            0.0001 + (0.002 * random.NextDouble() * random.NextDouble()),
            0.001 * random.NextDouble(),
            0.0001 + (0.003 * random.NextDouble()),
            0.1 + (0.85 * random.NextDouble()));

        public double Time(int rows) => Step + (Row * rows);

        public double DraftTime(int longest) => longest == 0 ? 0 : Ask + (Pass * longest);

        /// <summary>Expected tokens a second when every sequence drafts so many.</summary>
        public double Rate(int batch, int length)
        {
            double tokens = Enumerable.Range(0, length + 1).Sum(i => Math.Pow(Acceptance, i));
            return batch * tokens / (Time(batch * (length + 1)) + DraftTime(length));
        }
    }

    private sealed class Simulation
    {
        private readonly CostTable _target = new();
        private readonly ProbeBudget _probes = new();
        private readonly DraftLengthPolicy _policy;
        private readonly List<RunningSequence> _group = [];
        private readonly Queue<RunningSequence> _waiting = [];
        private readonly Random _random;
        private readonly double _noise;
        private readonly bool _atOnce;

        public Simulation(World world, int batch, double noise, int seed, bool atOnce = false, double prior = 0.6, bool isAsked = true)
        {
            World = world;
            _noise = noise;
            _atOnce = atOnce;
            _random = new Random(seed);
            _policy = new DraftLengthPolicy(new CoordinatorOptions { MaxDraftTokens = Most, InitialDraftTokens = 4 }, 0, _target, _probes, isAsked, [prior, prior, prior, prior]);
            var source = new DraftSource(0, "draft_model", null, _policy, new DrafterInstruments("test", "draft_model"));
            for (int i = 0; i < batch; i++)
            {
                _waiting.Enqueue(new RunningSequence(i, Requests.Of(4, 100_000), 1) { Drafter = source, DraftsOf = [new SequenceDrafts()] });
            }
        }

        public World World { get; set; }

        public int Longest => _policy.Longest;

        /// <summary>Times as they are before serving: all longer by cold code, and each by up to as much again for no reason.</summary>
        public void Calibrate(double cold)
        {
            for (int rows = 1; rows <= 64; rows *= 2)
            {
                _target.Seed(rows, cold * World.Time(rows) * (1 + (1.0 * _random.NextDouble() * _random.NextDouble())));
            }
        }

        /// <summary>Tokens a second over so many steps.</summary>
        public double Run(int steps)
        {
            double seconds = 0;
            int tokens = 0;
            for (int i = 0; i < steps; i++)
            {
                int waiting = _waiting.Count;
                // Requests come together, or one after another.
                while (_waiting.Count > 0 && (_atOnce || (i % 4 == 0 && _waiting.Count == waiting)))
                {
                    _group.Add(_waiting.Dequeue());
                }
                int[] rooms = new int[_group.Count];
                Array.Fill(rooms, Most);
                _policy.Choose(_group, rooms);
                int longest = _group.Max(sequence => sequence.WantedDrafts);
                int drafting = _group.Count(sequence => sequence.WantedDrafts > 0);
                int rows = _group.Sum(sequence => 1 + sequence.WantedDrafts);
                double draft = World.DraftTime(longest) * Jitter();
                double step = World.Time(rows) * Jitter();
                if (longest > 0)
                {
                    _policy.ObserveDraft(drafting, longest, TimeSpan.FromSeconds(draft));
                }
                _target.Observe(rows, step);
                _probes.Earn(TimeSpan.FromSeconds(step));
                tokens += _group.Sum(Verify);
                seconds += draft + step;
            }
            return tokens / seconds;
        }

        private int Verify(RunningSequence sequence)
        {
            int accepted = 0;
            while (accepted < sequence.WantedDrafts && _random.NextDouble() < World.Acceptance)
            {
                accepted++;
            }
            _policy.ObserveOutcome(sequence.DraftsOf[0], sequence.WantedDrafts, accepted);
            sequence.StepsWithoutDraft = sequence.WantedDrafts > 0 ? 0 : sequence.StepsWithoutDraft + 1;
            return 1 + accepted;
        }

        /// <summary>What times are on average, over those of the world.</summary>
        public double MeanJitter => 1 + (_noise / 4) + (_noise > 0 ? 0.01 : 0);

        // Times are now and then longer, never shorter.
        private double Jitter() => 1 + (_noise * _random.NextDouble() * _random.NextDouble()) + (_noise > 0 && _random.Next(50) == 0 ? 0.5 : 0);
    }
}
