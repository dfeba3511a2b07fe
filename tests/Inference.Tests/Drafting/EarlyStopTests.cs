using Winnow.Inference.Cache;
using Winnow.Inference.Drafting;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Drafting;

/// <summary>Chains that stop where they are not likely to be kept any further.</summary>
public sealed class EarlyStopTests
{
    private static readonly int[] Prompt = [4, 8, 15, 16, 23, 42, 7];

    [Fact]
    public void ConfidenceTable_OverconfidentDrafter_LearnsWhatItsWordIsWorth()
    {
        ConfidenceTable sut = new();
        Assert.Equal(0.9, sut.ChanceOf(0.9f), 3);
        for (int i = 0; i < 400; i++)
        {
            sut.Observe(0.9f, kept: i % 4 == 0);
            sut.Observe(0.2f, kept: i % 2 == 0);
        }
        Assert.InRange(sut.ChanceOf(0.9f), 0.2, 0.33);
        Assert.InRange(sut.ChanceOf(0.2f), 0.42, 0.55);
        Assert.InRange(sut.ChanceOf(0), 0, 0.01);
    }

    [Theory]
    [InlineData(AcceptanceRule.Coupled)]
    [InlineData(AcceptanceRule.Rejection)]
    public void Propose_LeastChance_StopsWithTheTokenThatFallsBelowIt(AcceptanceRule rule)
    {
        SamplingParameters sampling = new() { Seed = 5, Temperature = 0.8f, Rule = rule };
        using DraftEngine all = Engine();
        using DraftEngine sut = Engine();

        DraftProposal whole = Ask(all, Prompt, sampling, 0);
        DraftProposal stopped = Ask(sut, Prompt, sampling, 0.3);

        Assert.Equal(12, whole.Tokens.Length);
        double reach = 1;
        int expected = 1 + whole.Confidences.TakeWhile(confidence => (reach *= confidence) >= 0.3).Count();
        Assert.InRange(expected, 1, 11);
        Assert.Equal(whole.Tokens[..expected], stopped.Tokens);
    }

    [Fact]
    public void Propose_DraftsThatAreNeverKept_GetShorter()
    {
        SamplingParameters sampling = SamplingParameters.Greedy;
        using DraftEngine sut = Engine();
        int[] tokens = Prompt;
        int first = Ask(sut, tokens, sampling, 0.05).Tokens.Length;
        for (int round = 0; round < 60; round++)
        {
            int draft = Ask(sut, tokens, sampling, 0.05).Tokens[0];
            tokens = [.. tokens, (draft + 1) % 50];
        }
        Assert.True(Ask(sut, tokens, sampling, 0.05).Tokens.Length < first, $"{first} tokens at first");
    }

    private static DraftEngine Engine() => new(new FakeShard(FakeShard.Shape()));

    private static DraftProposal Ask(DraftEngine engine, int[] tokens, SamplingParameters sampling, double leastChance) => engine.Propose(
        [new DraftQuery
        {
            Sequence = 1,
            KnownLength = 0,
            PrefixHash = PrefixHash.Empty,
            NewTokens = tokens,
            DraftTokens = 12,
            PromptTokens = Prompt.Length,
            LeastChance = leastChance,
            Sampling = sampling,
        }],
        [], CancellationToken.None)[0];
}
