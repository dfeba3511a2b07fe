using Winnow.GpuWorker.Wire;
using Winnow.Inference.Acceptance;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using V1 = Winnow.Contracts.V1;

namespace Winnow.GpuWorker.Tests.Wire;

public sealed class LawCodecTests
{
    [Fact]
    public void Step_LawsThroughAWorkerAndOn_StayAsTheyWere()
    {
        V1.StepMessage message = new() { Sequences = { new V1.SequenceRows { Tokens = { 1, 2, 3 }, KnownCount = 1 } } };
        message.Sequences[0].DraftLaws.Add(new V1.DraftLaw { Ids = { 2, 5 }, Probabilities = { 0.25f, 0.75f }, Draws = { 2, 5 } });
        message.Sequences[0].DraftLaws.Add(new V1.DraftLaw());
        V1.StepMessage expected = message.Clone();

        StepBatch batch = StepCodec.Decode(message);
        StepCodec.ReplaceRows(message, batch);

        Assert.Equal(expected, message);
        Assert.Equal([2, 5], batch.Sequences[0].DraftLaws[0]!.Draws);
        Assert.Null(batch.Sequences[0].DraftLaws[1]);
    }

    [Fact]
    public void Proposal_Laws_AreOnTheWire()
    {
        DraftProposal proposal = new() { Sequence = 1, Tokens = [2], Laws = [new DraftLaw([2, 5], [0.25f, 0.75f], [2, 2])] };

        V1.DraftReply reply = DraftCodec.Encode(new V1.DraftRequest(), [proposal], 0);

        V1.DraftLaw law = Assert.Single(reply.Proposals[0].DraftLaws);
        Assert.Equal([2, 5], law.Ids);
        Assert.Equal([0.25f, 0.75f], law.Probabilities);
        Assert.Equal([2, 2], law.Draws);
    }

    [Fact]
    public void Sampling_RuleOfANewerPeer_IsKeptForTheEngineToRefuse() =>
        Assert.Equal(9, (int)SamplingCodec.Decode(new V1.SamplingParameters { Rule = (V1.AcceptanceRule)9 }).Rule);
}
