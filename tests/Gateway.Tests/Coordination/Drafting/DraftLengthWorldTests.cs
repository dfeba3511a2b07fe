using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Drafting;
using Winnow.Gateway.Tests.Coordination.Support;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

/// <summary>
/// The draft length in simulated worlds, in which time is made up: a step costs a fixed time and one for each row, a draft round one for asking, one for each pass and row and
/// for each token that the draft model has to catch up with, drafts are kept by lot. Times vary by a fifth to either side, and one in 64 is three times as long. No clock,
/// fixed seeds.
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
        for (int i = 0; i < (batch > 8 ? 4 : 12); i++)
        {
            var world = World.Random(random);
            Simulation sut = new(world, batch, noise: i % 3 == 0 ? 0.1 : 0.2, seed: i, atOnce: i % 2 == 0);
            // Steps before serving have no context to attend to: a row looks cheaper than it is.
            sut.Calibrate(rowPart: i % 2 == 0 ? 0.6 : 1);
            sut.Run(Settling);

            AssertNearTheBest(sut, world, batch, ofNone: 0.97, ofBest: 0.88);
        }
    }

    /// <summary>The first rounds of a process run code that is not compiled yet. What they showed of long drafts must not be believed for good.</summary>
    [Theory]
    [MemberData(nameof(Batches))]
    public void Choose_FirstTimesOfColdCode_AreForgotten(int batch)
    {
        // Times of the shipped pair in one process: drafts pay up to a batch of four.
        World world = new(0.00012, 0.000055, 0.00006, 0.00004, 0.000004, 0.85);
        for (int seed = 0; seed < (batch > 8 ? 2 : 6); seed++)
        {
            Simulation sut = new(world, batch, noise: 0.2, seed, atOnce: true) { Cold = 12 };
            sut.Run(4 * Settling);

            AssertNearTheBest(sut, world, batch, ofNone: 0.9, ofBest: 0.9);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(16)]
    public void Choose_AcceptanceGoesAndComesBack_FallsToZeroAndRecovers(int batch)
    {
        World good = new(0.010, 0.0002, 0.0002, 0.0003, 0.00001, 0.85);
        World bad = good with { Acceptance = 0.02 };
        Simulation sut = new(good, batch, noise: 0.1, seed: 5);
        sut.Run(Settling);
        Assert.True(sut.Longest >= 2, $"longest draft {sut.Longest}");

        sut.World = bad;
        sut.Run(Settling);
        Assert.Equal(0, sut.Longest);

        sut.World = good;
        sut.Run(20_000);
        Assert.True(sut.Longest >= 2, $"longest draft {sut.Longest}");
    }

    private static void AssertNearTheBest(Simulation sut, World world, int batch, double ofNone, double ofBest)
    {
        double rate = sut.Run(Measured);
        double[] fixedRates = [.. Enumerable.Range(0, Most + 1).Select(length => world.Rate(batch, length) / Simulation.MeanJitter)];
        double best = fixedRates.Max();
        string found = $"{world}, batch {batch}: {rate:F0} tokens/s, {fixedRates[0]:F0} without drafts, {best:F0} at best with {Array.IndexOf(fixedRates, best)}, longest {sut.Longest}";
        Assert.True(rate >= ofNone * fixedRates[0], found);
        Assert.True(rate >= ofBest * best, found);
    }

    /// <summary>What things cost, in seconds.</summary>
    private sealed record World(double Step, double Row, double Ask, double Pass, double DraftRow, double Acceptance)
    {
        public static World Random(Random random)
        {
            double pass = 0.0001 + (0.003 * random.NextDouble());
            return new World(
                0.002 + (0.02 * random.NextDouble()),
                0.0001 + (0.002 * random.NextDouble() * random.NextDouble()),
                0.001 * random.NextDouble(),
                pass,
                0.05 * pass * random.NextDouble(),
                0.1 + (0.85 * random.NextDouble()));
        }

        public double Time(int rows) => Step + (Row * rows);

        public double DraftTime(int drafting, int longest) => longest == 0 ? 0 : Ask + (longest * (Pass + (DraftRow * drafting)));

        /// <summary>Expected tokens a second when every sequence drafts so many.</summary>
        public double Rate(int batch, int length)
        {
            double tokens = Enumerable.Range(0, length + 1).Sum(i => Math.Pow(Acceptance, i));
            return batch * tokens / (Time(batch * (length + 1)) + DraftTime(batch, length));
        }
    }

    private sealed class Simulation
    {
        private const int Pauses = 64;

        private readonly CostTable _target = new();
        private readonly ProbeBudget _probes = new();
        private readonly DraftLengthPolicy _policy;
        private readonly List<RunningSequence> _group = [];
        private readonly Queue<RunningSequence> _waiting = [];
        private readonly Random _random;
        private readonly double _noise;
        private readonly bool _atOnce;
        private int _steps;
        private int _rounds;

        public Simulation(World world, int batch, double noise, int seed, bool atOnce = false)
        {
            World = world;
            _noise = noise;
            _atOnce = atOnce;
            _random = new Random(seed);
            _policy = new DraftLengthPolicy(new CoordinatorOptions { MaxDraftTokens = Most, InitialDraftTokens = 4 }, 0, _target, _probes, isAsked: true, [0.6, 0.6, 0.6, 0.6]);
            var source = new DraftSource(0, "draft_model", null, _policy, new DrafterInstruments("test", "draft_model"));
            for (int i = 0; i < batch; i++)
            {
                _waiting.Enqueue(new RunningSequence(i, Requests.Of(4, 1_000_000), 1) { Drafter = source, DraftsOf = [new SequenceDrafts()] });
            }
        }

        public World World { get; set; }

        /// <summary>Steps, and rounds of drafts, that take ten times as long because their code is new.</summary>
        public int Cold { get; init; }

        public int Longest => _policy.Longest;

        /// <summary>What times are on average, over those of the world.</summary>
        public static double MeanJitter => 1 + (2.0 / Pauses);

        /// <summary>What is timed before a model serves: the least of some.</summary>
        public void Calibrate(double rowPart)
        {
            World seen = World with { Row = rowPart * World.Row };
            for (int i = 0; i < 4; i++)
            {
                for (int rows = 1; rows <= 64; rows *= 2)
                {
                    _target.Observe(rows, seen.Time(rows) * Least());
                }
                foreach ((int sequences, int tokens) in new[] { (1, 1), (1, 4), (4, 1), (4, 4), (8, 2) })
                {
                    _policy.ObserveDraft(sequences, tokens, TimeSpan.FromSeconds(World.DraftTime(sequences, tokens) * Least()));
                }
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
                int rows = _group.Sum(sequence => 1 + sequence.WantedDrafts);
                double step = World.Time(rows) * Jitter(_steps++);
                seconds += Draft() + step;
                _target.Observe(rows, step);
                _probes.Earn(TimeSpan.FromSeconds(step));
                tokens += _group.Sum(Verify);
            }
            return tokens / seconds;
        }

        private double Draft()
        {
            List<RunningSequence> drafting = _group.FindAll(sequence => sequence.WantedDrafts > 0);
            if (drafting.Count == 0)
            {
                return 0;
            }
            int longest = drafting.Max(sequence => sequence.WantedDrafts);
            int behind = drafting.Sum(sequence => sequence.Count - sequence.DrafterLength);
            bool catchesUp = drafting.Exists(sequence => sequence.Count - sequence.DrafterLength > Most + 1);
            double seconds = (World.DraftTime(drafting.Count, longest) + (World.DraftRow * (behind - drafting.Count))) * Jitter(_rounds++);
            drafting.ForEach(sequence => sequence.SetDrafterLength(sequence.Count));
            if (catchesUp)
            {
                _policy.ObserveCatchUp(behind, drafting.Count, longest, TimeSpan.FromSeconds(seconds));
            }
            else
            {
                _policy.ObserveDraft(drafting.Count, longest, TimeSpan.FromSeconds(seconds));
            }
            return seconds;
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
            for (int i = 0; i <= accepted; i++)
            {
                sequence.Append(0);
            }
            return 1 + accepted;
        }

        private double Least() => Enumerable.Range(0, 4).Min(_ => Jitter(Cold));

        private double Jitter(int before) =>
            (before < Cold ? 10 : 1) * (1 + (_noise * (_random.NextDouble() + _random.NextDouble() - 1))) * (_random.Next(Pauses) == 0 ? 3 : 1);
    }
}
