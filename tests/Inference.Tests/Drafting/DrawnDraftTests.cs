using Winnow.Inference.Acceptance;
using Winnow.Inference.Cache;
using Winnow.Inference.Drafting;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Drafting;

/// <summary>Drafts for acceptance rules that judge by the draft's distribution: drawn from what the engine tells, in a shape that does not follow the draws.</summary>
public sealed class DrawnDraftTests
{
    private static readonly int[] Prompt = [4, 8, 15, 16, 23, 42, 7];

    [Fact]
    public void Propose_Rejection_TellsWhatEachTokenWasDrawnFrom()
    {
        DraftProposal sut = Propose(AcceptanceRule.Rejection, nodes: 5, width: 1);

        Assert.Equal(5, sut.Tokens.Length);
        Assert.Empty(sut.Parents);
        Assert.Equal(sut.Tokens, sut.Laws.Select(law => Assert.Single(law!.Draws)));
        Assert.All(sut.Laws, law => Assert.True(law!.IsSound(50) && law.Ids.Length == DraftLaw.DrawnTokens));
    }

    [Fact]
    public void Propose_RejectionAskedForATree_IsAChainOfItsDepth()
    {
        DraftProposal sut = Propose(AcceptanceRule.Rejection, nodes: 16, width: 4, depth: 3);

        Assert.Equal((3, 0), (sut.Tokens.Length, sut.Parents.Length));
    }

    [Fact]
    public void Propose_Rsd_LevelsAreAsWideAsAskedAndTellTheirDraws()
    {
        DraftProposal[] proposals = [.. Enumerable.Range(0, 20).Select(seed => Propose(AcceptanceRule.Rsd, nodes: 12, width: 3, seed: (ulong)seed))];

        Assert.All(proposals, sut =>
        {
            int[] depths = new int[sut.Tokens.Length];
            for (int node = 0; node < depths.Length; node++)
            {
                depths[node] = sut.Parents[node] < 0 ? 0 : depths[sut.Parents[node]] + 1;
                int[] siblings = [.. Enumerable.Range(0, depths.Length).Where(other => sut.Parents[other] == sut.Parents[node])];
                Assert.Equal(siblings.Select(other => sut.Tokens[other]), sut.Laws[node]!.Draws);
            }
            Assert.Equal([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3], depths);
        });
        Assert.Contains(proposals, sut => sut.Parents.Where(parent => parent >= 0).GroupBy(parent => parent).Any(children => children.Count() > 1));
    }

    [Fact]
    public void Propose_Spectr_CountsChainsThatMeet()
    {
        DraftProposal[] proposals = [.. Enumerable.Range(0, 20).Select(seed => Propose(AcceptanceRule.Spectr, nodes: 12, width: 4, seed: (ulong)seed))];

        Assert.All(proposals, sut =>
        {
            Assert.Equal(4, sut.Laws[0]!.Draws.Length);
            for (int node = 0; node < sut.Tokens.Length; node++)
            {
                int through = sut.Laws[node]!.Draws.Count(token => token == sut.Tokens[node]);
                int child = Array.IndexOf(sut.Parents, node);
                Assert.True(child < 0 || sut.Laws[child]!.Draws.Length == through, $"node {node} passes on {through} drafts");
            }
        });
        Assert.Contains(proposals, sut => sut.Tokens.Length < 12);
    }

    [Fact]
    public void Propose_SamePositionInALaterRound_DrawsAnew()
    {
        int differing = 0;
        for (ulong seed = 0; seed < 30; seed++)
        {
            int[] ahead = Propose(AcceptanceRule.Rejection, 2, 1, seed: seed).Tokens;
            int[] later = Propose(AcceptanceRule.Rejection, 1, 1, seed: seed, tokens: [.. Prompt, ahead[0]]).Tokens;
            differing += later[0] == ahead[1] ? 0 : 1;
        }
        Assert.InRange(differing, 5, 30);
    }

    [Fact]
    public void Propose_Greedy_TellsNothing() =>
        Assert.Empty(Propose(AcceptanceRule.Rejection, nodes: 4, width: 1, temperature: 0).Laws);

    private static DraftProposal Propose(
        AcceptanceRule rule, int nodes, int width, int depth = 0, ulong seed = 5, float temperature = 1, int[]? tokens = null)
    {
        using DraftEngine engine = new(new FakeShard(FakeShard.Shape(), model: 2));
        DraftQuery query = new()
        {
            Sequence = 1,
            KnownLength = 0,
            PrefixHash = PrefixHash.Empty,
            NewTokens = tokens ?? Prompt,
            DraftTokens = nodes,
            TreeWidth = width,
            TreeDepth = depth,
            PromptTokens = Prompt.Length,
            Sampling = new SamplingParameters { Rule = rule, Seed = seed, Temperature = temperature },
        };
        return engine.Propose([query], [], default)[0];
    }
}
