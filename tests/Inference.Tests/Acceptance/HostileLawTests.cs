using Winnow.Inference.Acceptance;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;
using Winnow.Inference.Tests.Execution;

namespace Winnow.Inference.Tests.Acceptance;

/// <summary>What drafts claim to be drawn from comes from peers: whatever it is, the step goes on with tokens of the target.</summary>
public sealed class HostileLawTests
{
    private static readonly int[] Prompt = [4, 8, 15];

    public static TheoryData<int[], float[], int[]> Lies => new()
    {
        { [], [], [] },
        { [7], [1], [] },
        { [7], [1], [8] },
        { [7, 8], [1], [7] },
        { [7, 7], [0.5f, 0.5f], [7] },
        { [8, 7], [0.5f, 0.5f], [7] },
        { [-1, 7], [0.5f, 0.5f], [7] },
        { [7, 50], [0.5f, 0.5f], [7] },
        { [7, int.MaxValue], [0.5f, 0.5f], [7] },
        { [7, 8], [1.5f, -0.5f], [7] },
        { [7, 8], [float.NaN, 1], [7] },
        { [7, 8], [float.PositiveInfinity, 1], [7] },
        { [7, 8], [0.2f, 0.2f], [7] },
        { [7, 8], [0, 1], [7] },
        { [7, 8], [0, 0], [7] },
        { [.. Enumerable.Range(0, 500)], [.. Enumerable.Repeat(0.002f, 500)], [7] },
        { [7, 8], [0.5f, 0.5f], [.. Enumerable.Repeat(7, 500)] },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public void IsSound_NoDistribution_False(int[] ids, float[] probabilities, int[] draws) => Assert.False(new DraftLaw(ids, probabilities, draws).IsSound(50));

    [Theory]
    [MemberData(nameof(Lies))]
    public void Execute_NoDistribution_DraftsCountAsCertain(int[] ids, float[] probabilities, int[] draws)
    {
        foreach (AcceptanceRule rule in Enum.GetValues<AcceptanceRule>())
        {
            SequenceResult certain = Run(rule, null);

            SequenceResult sut = Run(rule, new DraftLaw(ids, probabilities, draws));

            Assert.Null(sut.Error);
            Assert.Equal(certain.Tokens, sut.Tokens);
        }
    }

    [Fact]
    public void Execute_MoreLawsThanDrafts_RestIsIgnored()
    {
        DraftLaw law = new([7], [1], [7]);
        Pipeline sut = Start(AcceptanceRule.Rejection);

        SequenceResult result = sut.RunOne(Rows([7, 8], [law, null, law, law]));

        Assert.Null(result.Error);
    }

    [Fact]
    public void Execute_UnknownRule_OpensAsFailed()
    {
        Pipeline sut = new();

        SequenceResult result = sut.Start(0, Prompt, new SamplingParameters { Rule = (AcceptanceRule)77 }, [0, 1]);

        Assert.Equal(StepErrorTypes.BadOpen, result.Error?.Type);
    }

    private static SequenceResult Run(AcceptanceRule rule, DraftLaw? law) => Start(rule).RunOne(Rows([7, 9], [law, law]));

    private static Pipeline Start(AcceptanceRule rule)
    {
        Pipeline pipeline = new();
        pipeline.Start(0, Prompt, new SamplingParameters { Rule = rule, Seed = 3 }, [0, 1, 2]);
        return pipeline;
    }

    private static SequenceRows Rows(int[] drafts, DraftLaw?[] laws)
    {
        SequenceRows rows = Pipeline.Rows(0, Prompt, [5], drafts);
        return new SequenceRows
        {
            Slot = 0,
            BaseLength = rows.BaseLength,
            PrefixHash = rows.PrefixHash,
            Tokens = rows.Tokens,
            KnownCount = 1,
            Sample = true,
            DraftLaws = laws,
        };
    }
}
