using Winnow.Inference.Sampling;

namespace Winnow.Inference.Tests.Sampling;

public sealed class SamplingDistributionTests
{
    private static readonly float[] Logits = [1.2f, 0.1f, -0.4f, 2, 0.7f, -1.1f, 0.7f, -3];

    // Upper 1e-4 points of the chi-square distribution with 1 to 7 degrees of freedom.
    private static readonly double[] Critical = [15.14, 18.42, 21.11, 23.51, 25.74, 27.86, 29.88];

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Parameters.Length)];

    private static readonly SamplingParameters[] Parameters =
    [
        new(), new() { Temperature = 0.5f }, new() { Temperature = 2 }, new() { TopK = 3 }, new() { TopP = 0.7f }, new() { MinP = 0.2f },
        new() { TopK = 5, TopP = 0.8f, MinP = 0.15f, Temperature = 1.3f },
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Sample_ManySeeds_FollowsTheSoftmaxOfTheSurvivors(int index)
    {
        double[] p = Law(Logits, Parameters[index]);
        int[] counts = new int[p.Length];
        const int Draws = 40_000;
        TokenSampler sut = new(p.Length);
        for (int draw = 0; draw < Draws; draw++)
        {
            SamplingPlan plan = SamplingPlan.Create(Parameters[index] with { Seed = (ulong)(draw / 8) }, p.Length);
            counts[sut.Sample(Logits, plan, null, [], draw % 8)]++;
        }
        AssertFits(p, counts, Draws);
    }

    [Fact]
    public void Sample_ChoicesOfOneSeed_AreIndependent()
    {
        float[] logits = [0.3f, 0, -0.2f];
        double[] p = Law(logits, new());
        int[] pairs = new int[9];
        const int Draws = 30_000;
        TokenSampler sut = new(3);
        for (int index = 0; index < Draws; index++)
        {
            int first = sut.Sample(logits, SamplingPlan.Create(new() { Seed = 9 }, 3), null, [], index);
            int second = sut.Sample(logits, SamplingPlan.Create(new() { Seed = 9, Choice = 1 }, 3), null, [], index);
            pairs[(first * 3) + second]++;
        }
        double statistic = 0;
        for (int i = 0; i < 9; i++)
        {
            double expected = Draws * p[i / 3] * p[i % 3];
            statistic += (pairs[i] - expected) * (pairs[i] - expected) / expected;
        }
        Assert.InRange(statistic, 0, 31.83);
    }

    /// <summary>A draft that draws with the target's noise matches with probability sum over i of 1 / sum over j of max(p_j/p_i, q_j/q_i).</summary>
    [Fact]
    public void Sample_TwoModelsWithTheSameNoise_MatchAsOftenAsTheExponentialRaceSays()
    {
        const int Pairs = 1_500;
        const int DrawsPerPair = 40;
        const int Tokens = 6;
        Random random = new(12);
        TokenSampler sut = new(Tokens);
        double expected = 0;
        double variance = 0;
        int matches = 0;
        for (int pair = 0; pair < Pairs; pair++)
        {
            float[] target = [.. Enumerable.Range(0, Tokens).Select(_ => 3 * random.NextSingle())];
            float[] draft = [.. target.Select(logit => logit + (3 * random.NextSingle()))];
            double rate = MatchRate(Law(target, new()), Law(draft, new()));
            expected += DrawsPerPair * rate;
            variance += DrawsPerPair * rate * (1 - rate);
            SamplingPlan plan = SamplingPlan.Create(new() { Seed = (ulong)pair }, Tokens);
            for (int index = 0; index < DrawsPerPair; index++)
            {
                matches += sut.Sample(target, plan, null, [], index) == sut.Sample(draft, plan, null, [], index) ? 1 : 0;
            }
        }
        Assert.InRange((matches - expected) / Math.Sqrt(variance), -4, 4);
    }

    private static double MatchRate(double[] p, double[] q) => Enumerable.Range(0, p.Length).Sum(i =>
        1 / Enumerable.Range(0, p.Length).Sum(j => Math.Max(p[j] / p[i], q[j] / q[i])));

    private static double[] Law(float[] logits, SamplingParameters parameters)
    {
        int[] survivors = ReferenceSampler.Survivors(logits, parameters);
        double[] weights = [.. logits.Select((logit, id) => survivors.Contains(id) ? Math.Exp(logit / parameters.Temperature) : 0)];
        return [.. weights.Select(weight => weight / weights.Sum())];
    }

    private static void AssertFits(double[] p, int[] counts, int draws)
    {
        double statistic = 0;
        int cells = 0;
        for (int id = 0; id < p.Length; id++)
        {
            Assert.True(p[id] > 0 || counts[id] == 0, $"Token {id} was cut but drawn.");
            if (p[id] > 0)
            {
                statistic += (counts[id] - (draws * p[id])) * (counts[id] - (draws * p[id])) / (draws * p[id]);
                cells++;
            }
        }
        Assert.InRange(statistic, 0, Critical[cells - 2]);
    }
}
