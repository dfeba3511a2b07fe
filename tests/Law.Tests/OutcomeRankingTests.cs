using Winnow.Inference.Sampling;
using Xunit.Abstractions;

namespace Winnow.Law.Tests;

/// <summary>
/// What the shared noise is worth for guessing what the target will draw (docs/speculation.md): the shipped draft model ranks the tokens after every token of texts
/// that the shipped target drew, by perturbed logits and by probability alone.
/// </summary>
public sealed class OutcomeRankingTests(ReferenceFixture reference, ITestOutputHelper output) : IClassFixture<ReferenceFixture>
{
    private const int Forks = 3;
    private const int Tokens = 96;

    [Theory]
    [InlineData(0.8f)]
    [InlineData(1.0f)]
    public void Rank_ByTheSharedNoise_HitsMoreOftenThanByProbability(float temperature)
    {
        Hits bonus = default;
        Hits first = default;
        Hits correction = default;
        for (int i = 0; i < 3 * reference.Prompts.Count; i++)
        {
            Count(reference.Prompts[i % reference.Prompts.Count], new SamplingParameters { Temperature = temperature, Seed = (ulong)i }, ref bonus, ref first, ref correction);
        }

        output.WriteLine($"temperature {temperature}: {bonus.Seen} places, {correction.Seen} refused drafts");
        output.WriteLine($"bonus token, one fork: shared noise {bonus.Shared:P1}, probability {bonus.Plain:P1}, ratio {bonus.Shared / bonus.Plain:F2}");
        output.WriteLine($"correction, one fork: shared noise {first.Shared:P1}, probability {first.Plain:P1}, ratio {first.Shared / first.Plain:F2}");
        output.WriteLine($"correction, {Forks} forks: shared noise {correction.Shared:P1}, probability {correction.Plain:P1}, ratio {correction.Shared / correction.Plain:F2}");
        Assert.True(bonus.Seen > 1000 && correction.Seen > 100);
        Assert.True(bonus.Shared > 1.05 * bonus.Plain);
        Assert.True(correction.Shared > 1.2 * correction.Plain);
    }

    private static void Count(int[] prompt, SamplingParameters sampling, ref Hits bonus, ref Hits first, ref Hits correction)
    {
        using var target = new ReadingModel(LawModel.TargetPath);
        using var draft = new ReadingModel(LawModel.DraftPath);
        SamplingPlan plan = SamplingPlan.Create(sampling, target.Vocabulary);
        SamplingPlan byProbability = SamplingPlan.Create(SamplingParameters.Greedy, target.Vocabulary);
        var sampler = new TokenSampler(target.Vocabulary);
        var shared = new RankedToken[1 + Forks];
        var plain = new RankedToken[1 + Forks];
        int[] next = prompt;
        for (int index = 0; index < Tokens && !target.IsEnd(next[^1]); index++)
        {
            int drawn = sampler.Sample(target.Append(next), plan, null, [], index);
            float[] logits = draft.Append(next);
            sampler.Rank(logits, plan, null, [], index, shared);
            sampler.Rank(logits, byProbability, null, [], index, plain);
            int proposed = shared[0].Token;
            bonus.Add(proposed == drawn, plain[0].Token == drawn);
            if (proposed != drawn)
            {
                int[] others = [.. plain.Select(ranked => ranked.Token).Where(token => token != proposed).Take(Forks)];
                first.Add(shared[1].Token == drawn, others[0] == drawn);
                correction.Add(shared.Any(ranked => ranked.Token == drawn), others.Contains(drawn));
            }
            next = [drawn];
        }
    }

    private struct Hits
    {
        private int _shared;
        private int _plain;

        public int Seen { get; private set; }

        public readonly double Shared => (double)_shared / Seen;

        public readonly double Plain => (double)_plain / Seen;

        public void Add(bool shared, bool plain)
        {
            _shared += shared ? 1 : 0;
            _plain += plain ? 1 : 0;
            Seen++;
        }
    }
}
