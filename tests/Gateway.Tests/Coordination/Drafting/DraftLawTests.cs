using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Remote;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Acceptance;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;
using V1 = Winnow.Contracts.V1;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

/// <summary>What drafts were drawn from, on its way from the drafter to the last shard.</summary>
public sealed class DraftLawTests
{
    [Theory]
    [InlineData(AcceptanceRule.Rejection, true)]
    [InlineData(AcceptanceRule.Rsd, true)]
    [InlineData(AcceptanceRule.Spectr, true)]
    [InlineData(AcceptanceRule.Coupled, false)]
    [InlineData(AcceptanceRule.LossyTypical, false)]
    public async Task Generate_DrafterTellsLaws_RulesThatNeedThemGetThem(AcceptanceRule rule, bool sent)
    {
        SequenceRows[] rows = await DraftedRowsAsync(rule, token => new DraftLaw([token], [1], [token]));

        Assert.All(rows, row => Assert.Equal(sent ? row.Tokens[row.KnownCount..] : [], row.DraftLaws.Select(law => law!.Ids[0])));
    }

    [Fact]
    public async Task Generate_DrafterLies_ItsDraftsGoAsCertain()
    {
        SequenceRows[] rows = await DraftedRowsAsync(AcceptanceRule.Rejection, token => new DraftLaw([token], [float.NaN], [token]));

        Assert.All(rows, row => Assert.All(row.DraftLaws, Assert.Null));
    }

    [Fact]
    public void Proposals_LawsOnTheWire_ComeAsTheyAre()
    {
        V1.DraftReply reply = new() { Proposals = { new V1.DraftProposal { Tokens = { 3, 4 } } } };
        reply.Proposals[0].DraftLaws.Add(new V1.DraftLaw { Ids = { 3, 9 }, Probabilities = { 0.25f, 0.75f }, Draws = { 3, 3 } });
        reply.Proposals[0].DraftLaws.Add(new V1.DraftLaw());

        DraftLaw?[] laws = WireDecoder.Proposals(reply)[0].Laws;

        Assert.Equal([3, 9], laws[0]!.Ids);
        Assert.Equal([0.25f, 0.75f], laws[0]!.Probabilities);
        Assert.Equal([3, 3], laws[0]!.Draws);
        Assert.Null(laws[1]);
    }

    [Fact]
    public void Step_RuleAndLaws_AreOnTheWire()
    {
        StepBatch batch = new();
        SamplingParameters sampling = new() { Rule = AcceptanceRule.Spectr };
        batch.Opens.Add(new SequenceOpen { Slot = 0, Tokens = [1], PromptTokens = 1, CachedTokens = 0, Blocks = [], Sampling = sampling });
        batch.Sequences.Add(new SequenceRows
        {
            Slot = 0,
            BaseLength = 0,
            PrefixHash = 0,
            Tokens = [1, 3, 4],
            KnownCount = 1,
            Sample = true,
            DraftLaws = [new DraftLaw([3, 9], [0.25f, 0.75f], [3]), null],
        });

        V1.StepMessage message = WireEncoder.Step("tiny/0", batch);

        Assert.Equal(V1.AcceptanceRule.Spectr, message.Opens[0].Sampling.Rule);
        Assert.Equal([3, 9], message.Sequences[0].DraftLaws[0].Ids);
        Assert.Equal([3], message.Sequences[0].DraftLaws[0].Draws);
        Assert.Empty(message.Sequences[0].DraftLaws[1].Ids);
    }

    private static async Task<SequenceRows[]> DraftedRowsAsync(AcceptanceRule rule, Func<int, DraftLaw> lawOf)
    {
        var pipeline = new FakePipeline();
        var drafter = new FakeDrafter
        {
            Alter = (_, proposals) => [.. proposals.Select(proposal => new DraftProposal
            {
                Sequence = proposal.Sequence, NeedPrefix = proposal.NeedPrefix, Tokens = proposal.Tokens, Laws = [.. proposal.Tokens.Select(lawOf)],
            })],
        };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, drafter);
        GenerationRequest request = Requests.Of(4, 20, draft: 3);
        request = request with { Sampling = request.Sampling with { Rule = rule } };

        Assert.Equal(Requests.Expected(request), await Requests.RunAsync(sut, request));

        SequenceRows[] rows = [.. pipeline.Log.SelectMany(step => step.Sequences).Where(row => row.Tokens.Length > row.KnownCount)];
        Assert.NotEmpty(rows);
        return rows;
    }
}
