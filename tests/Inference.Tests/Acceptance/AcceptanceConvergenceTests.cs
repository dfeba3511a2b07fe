using Winnow.Inference.Acceptance;
using Winnow.Inference.Cache;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Acceptance;

/// <summary>With the seed's own random numbers, drafts and decisions together give the target's distribution (SPEC.md, section 27 B).</summary>
public sealed class AcceptanceConvergenceTests
{
    private static readonly float[] Target = [1.2f, 0.1f, -0.4f, 2, 0.7f, -1.1f, 0.7f, -3];
    private static readonly float[] Draft = [-0.5f, 0.9f, 0.2f, 1.1f, 1.9f, -2, 0.1f, -1];

    [Theory]
    [InlineData(AcceptanceRule.Rejection, 1)]
    [InlineData(AcceptanceRule.Rsd, 3)]
    [InlineData(AcceptanceRule.Spectr, 3)]
    public void Draw_AMillionDraws_FollowTheTargetAndKeepsAsManyDraftsAsTheRuleSays(AcceptanceRule rule, int width)
    {
        const int Draws = 1_000_000;
        const int PerSeed = 50;
        NodeSampler sut = new(Target.Length);
        TokenSampler drafter = new(Target.Length);
        SamplingParameters sampling = new() { Rule = rule, TopK = 7 };
        double[] weights = new double[Target.Length];
        double total = drafter.Weigh(Target, SamplingPlan.Create(sampling, Target.Length), null, [], weights);
        int[] counts = new int[Target.Length];
        int accepted = 0;
        SamplingPlan plan = SamplingPlan.Create(sampling, Target.Length);
        int[] ids = drafter.Likeliest(Draft, plan, null, [], out float[] probabilities);
        for (int draw = 0; draw < Draws; draw++)
        {
            plan = draw % PerSeed == 0 ? SamplingPlan.Create(sampling with { Seed = (ulong)draw }, Target.Length) : plan;
            DraftLaw law = LawDraw.Draw(ids, probabilities, plan.Parameters, draw % PerSeed, 0, width);
            int token = sut.Draw(Target, plan, null, [], draw % PerSeed, law.Draws, law);
            counts[token]++;
            accepted += law.Draws.Contains(token) ? 1 : 0;
        }
        ChiSquare.AssertFits([.. weights.Select(weight => weight / total)], counts);
        double[] q = [.. Enumerable.Range(0, Target.Length).Select(id => Array.IndexOf(ids, id) is int place and >= 0 ? (double)probabilities[place] : 0)];
        double one = weights.Zip(q, (weight, probability) => Math.Min(weight / total, probability)).Sum();
        double rate = accepted / (double)Draws;
        Assert.InRange(rate, width == 1 ? one - 0.003 : one + 0.05, width == 1 ? one + 0.003 : 1);
    }

    /// <summary>A draft model and a target, in rounds: the joint distribution of three tokens after the prompt.</summary>
    [Theory]
    [InlineData(AcceptanceRule.Rejection, 1)]
    [InlineData(AcceptanceRule.Rsd, 2)]
    [InlineData(AcceptanceRule.Rsd, 3)]
    [InlineData(AcceptanceRule.Spectr, 3)]
    public void Engines_ManySeeds_GenerateTheTargetsLaw(AcceptanceRule rule, int width)
    {
        const int Sequences = 20_000;
        SamplingParameters sampling = new() { Temperature = 0.7f, Rule = rule, FrequencyPenalty = 0.4f };
        Dictionary<string, double> law = ExactLaw.OfAutoregression(sampling, 3);
        Dictionary<string, int> counts = law.ToDictionary(entry => entry.Key, _ => 0);
        using DraftEngine drafter = new(new FakeShard(FakeShard.Shape(blocks: 8, vocabulary: ExactLaw.Vocabulary), model: 2));
        using ShardEngine engine = new(new FakeShard(FakeShard.Shape(blocks: 8, vocabulary: ExactLaw.Vocabulary)));
        for (int i = 1; i <= Sequences; i++)
        {
            int[] tokens = ExactLaw.Generate(engine, i, sampling with { Seed = (ulong)i }, 3, (prefix, _) => Ask(drafter, i, prefix, sampling with { Seed = (ulong)i }, width));
            counts[string.Join(' ', tokens[..3])]++;
        }
        ChiSquare.AssertFits([.. law.Values], [.. law.Keys.Select(key => counts[key])]);
    }

    private static DraftProposal Ask(DraftEngine drafter, long sequence, int[] prefix, SamplingParameters sampling, int width) => drafter.Propose(
        [new DraftQuery
        {
            Sequence = sequence, KnownLength = 0, PrefixHash = PrefixHash.Empty, NewTokens = prefix, DraftTokens = 2 * width, PromptTokens = ExactLaw.PromptTokens,
            Sampling = sampling,
            TreeWidth = width,
        }],
        [sequence - 1], default)[0];
}
