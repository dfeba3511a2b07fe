using Winnow.Inference.Sampling;

namespace Winnow.Inference.Tests.Sampling;

public sealed class TokenSamplerTests
{
    [Fact]
    public void Sample_AnyParameters_EqualsTheReference()
    {
        Random random = new(3);
        int differing = 0;
        for (int round = 0; round < 4000; round++)
        {
            float[] logits = RandomLogits(random, 1 + random.Next(600));
            SamplingParameters parameters = RandomParameters(random, logits.Length);
            int[] tokens = [.. Enumerable.Range(0, 1 + random.Next(12)).Select(_ => random.Next(logits.Length))];
            int prompt = 1 + random.Next(tokens.Length);
            int committed = prompt + random.Next(tokens.Length - prompt + 1);
            TokenHistory history = new(prompt);
            history.SyncTo(tokens.AsSpan(0, committed));

            int expected = ReferenceSampler.Sample(logits, parameters, tokens, prompt, round);
            int found = new TokenSampler(logits.Length).Sample(
                logits, SamplingPlan.Create(parameters, logits.Length), history, tokens.AsSpan(committed), round);

            differing += found == expected ? 0 : 1;
        }
        Assert.Equal(0, differing);
    }

    [Fact]
    public void Sample_Greedy_TakesTheLowestIdOfEqualLogits()
    {
        float[] logits = new float[40];
        logits[11] = logits[29] = 3;
        logits[39] = -0f;

        Assert.Equal(11, Sample(logits, SamplingParameters.Greedy));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Sample_LogitsNotFinite_FailsWithNanLogits(float bad)
    {
        for (int place = 0; place < 37; place++)
        {
            float[] logits = new float[37];
            logits[place] = bad;
            SamplingParameters banned = new() { BannedTokens = [place] };

            Assert.Equal("nan_logits", Assert.Throws<SamplingException>(() => Sample(logits, SamplingParameters.Greedy)).Type);
            Assert.Equal("nan_logits", Assert.Throws<SamplingException>(() => Sample(logits, banned)).Type);
        }
    }

    [Fact]
    public void Sample_EveryTokenBanned_FailsWithNoCandidates()
    {
        SamplingParameters parameters = new() { BannedTokens = [0, 1, 2] };

        Assert.Equal("no_candidates", Assert.Throws<SamplingException>(() => Sample([1, 2, 3], parameters)).Type);
    }

    [Fact]
    public void Sample_SameSeedAndIndex_GivesGoldenTokens()
    {
        float[] logits = [.. Enumerable.Range(0, 100).Select(id => (id * 37 % 101) / 25f)];
        SamplingParameters parameters = new() { Seed = 0x0123456789ABCDEF, Choice = 1 };

        int[] tokens = [.. Enumerable.Range(0, 12).Select(index => Sample(logits, parameters, index))];

        Assert.Equal(GoldenTokens, tokens);
    }

    [Fact]
    public void Sample_OtherSeedChoiceOrIndex_DrawsOtherTokens()
    {
        float[] logits = new float[1000];
        int[] tokens = [Sample(logits, new() { Seed = 1 }), Sample(logits, new() { Seed = 2 }), Sample(logits, new() { Seed = 1UL << 32 }),
            Sample(logits, new() { Seed = 1, Choice = 1 }), Sample(logits, new() { Seed = 1 }, 1)];

        Assert.Equal(5, tokens.Distinct().Count());
    }

    [Fact]
    public void Sample_PenaltyOnDraftPath_CountsThePathAndLeavesTheHistory()
    {
        SamplingPlan plan = SamplingPlan.Create(new() { Temperature = 0, FrequencyPenalty = 1 }, 4);
        TokenHistory history = new(1);
        history.SyncTo([3]);
        TokenSampler sut = new(4);
        float[] logits = [2, 1.5f, 0.6f, 0];

        Assert.Equal(0, sut.Sample(logits, plan, history, [], 0));
        Assert.Equal(1, sut.Sample(logits, plan, history, [0], 1));
        Assert.Equal(0, sut.Sample(logits, plan, history, [0, 1], 2));
        Assert.Equal(2, sut.Sample(logits, plan, history, [0, 1, 0, 1], 4));
        Assert.Equal(1, history.Length);
    }

    [Fact]
    public void Sample_Probability_IsTheSoftmaxAtTheTemperature()
    {
        SamplingPlan plan = SamplingPlan.Create(new() { Temperature = 0.5f, TopK = 1 }, 3);

        new TokenSampler(3).Sample([1, 0, 0.5f], plan, null, [], 0, out float probability);

        Assert.Equal(1 / (1 + Math.Exp(-2) + Math.Exp(-1)), probability, 1e-6);
    }

    [Theory]
    [InlineData(0f, 0)]
    [InlineData(0.7f, 0)]
    [InlineData(1.5f, 5)]
    public void Sample_Lead_IsHowFarTheNextBestIsBehind(float temperature, int topK)
    {
        SamplingPlan plan = SamplingPlan.Create(new() { Seed = 3, Temperature = temperature, TopK = topK }, 80);
        TokenSampler sut = new(80);
        Random random = new(4);
        for (int index = 0; index < 40; index++)
        {
            float[] logits = RandomLogits(random, 80);
            int token = sut.Sample(logits, plan, null, [], index, out float probability, out float lead);

            GumbelNoise noise = new(3, 0, index, 0);
            double[] sums = [.. Enumerable.Range(0, 80).Select(id => logits[id] + (temperature == 0 ? 0 : temperature * noise.Of(id)))];
            double[] best = [.. Enumerable.Range(0, 80).OrderByDescending(id => logits[id]).Take(topK == 0 ? 80 : topK).Select(id => sums[id]).OrderDescending()];
            Assert.Equal(sut.Sample(logits, plan, null, [], index, out float expected), token);
            Assert.Equal(expected, probability);
            Assert.Equal(best[0] - best[1], lead, 1e-4);
        }
    }

    [Fact]
    public void Sample_WarmSampler_AllocatesNothing()
    {
        SamplingParameters[] all = [SamplingParameters.Greedy, new(), new() { TopK = 20, TopP = 0.9f }, new() { TopP = 0.5f }, new() { MinP = 0.1f },
            new() { RepetitionPenalty = 1.1f, LogitBias = new Dictionary<int, float> { [3] = 1 } }];
        float[] logits = RandomLogits(new Random(5), 500);
        TokenSampler sut = new(500);
        foreach (SamplingParameters parameters in all)
        {
            SamplingPlan plan = SamplingPlan.Create(parameters, 500);
            TokenHistory history = new(1);
            history.SyncTo([1, 2, 3]);
            long allocated = AllocatedByDraws(sut, logits, plan, history);
            Assert.True(allocated == 0, $"{parameters} allocated {allocated} bytes.");
        }
    }

    private static long AllocatedByDraws(TokenSampler sut, float[] logits, SamplingPlan plan, TokenHistory history)
    {
        long allocated = 0;
        int[] path = [4];
        for (int round = 0; round < 3; round++)
        {
            // The first round pays for what the runtime loads once.
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int index = 0; index < 50; index++)
            {
                sut.Sample(logits, plan, history, path, index);
            }
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        return allocated;
    }

    private static readonly int[] GoldenTokens = [78, 19, 38, 57, 79, 56, 18, 29, 20, 87, 1, 5];

    private static int Sample(float[] logits, SamplingParameters parameters, int index = 0) =>
        new TokenSampler(logits.Length).Sample(logits, SamplingPlan.Create(parameters, logits.Length), null, [], index);

    /// <summary>Logits with spread, ties and now and then tokens that cannot occur.</summary>
    private static float[] RandomLogits(Random random, int count)
    {
        float spread = new[] { 0.1f, 3, 40 }[random.Next(3)];
        bool ties = random.Next(3) == 0;
        float[] logits = [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.4f) * spread)];
        for (int i = 0; ties && i < count; i++)
        {
            logits[i] = random.Next(6) == 0 && i > 0 ? float.NegativeInfinity : MathF.Round(logits[i]);
        }
        return logits;
    }

    private static SamplingParameters RandomParameters(Random random, int vocabulary)
    {
        bool penalties = random.Next(2) == 0;
        return new SamplingParameters
        {
            Temperature = new[] { 0, 0.01f, 0.7f, 1, 2 }[random.Next(5)],
            TopK = random.Next(2) == 0 ? 0 : random.Next(1, 80),
            TopP = random.Next(2) == 0 ? 1 : random.NextSingle() + 1e-3f is var p && p > 1 ? 1 : p,
            MinP = random.Next(2) == 0 ? 0 : random.NextSingle() * 0.5f,
            RepetitionPenalty = penalties ? 0.7f + random.NextSingle() : 1,
            PresencePenalty = penalties ? random.NextSingle() - 0.5f : 0,
            FrequencyPenalty = penalties ? random.NextSingle() - 0.5f : 0,
            LogitBias = random.Next(3) == 0 ? new Dictionary<int, float> { [random.Next(vocabulary)] = random.Next(-9, 9) } : new Dictionary<int, float>(),
            BannedTokens = random.Next(3) == 0 && vocabulary > 60 ? [random.Next(vocabulary)] : [],
            Seed = (ulong)random.NextInt64(),
            Choice = random.Next(3),
        };
    }
}
