using Winnow.Inference.Cache;
using Winnow.Inference.Drafting;
using Winnow.Inference.Sampling;
using Winnow.Inference.Tests.Execution;
using Winnow.Tests.Common;
using static Winnow.Inference.Tests.Drafting.DraftEngineCases;

namespace Winnow.Inference.Tests.Drafting;

public sealed class DraftEngineTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Propose_DraftIsTheTarget_ProposesWhatTheTargetDraws(int sampling)
    {
        int[] expected = Pipeline.Autoregress(Prompt, Samplings[sampling], 30);
        using DraftEngine sut = Engine(blocks: 64);

        DraftProposal first = Ask(sut, Query(1, [], [.. Prompt, expected[0]], 6, Samplings[sampling]));
        Assert.Equal(expected[1..7], first.Tokens);
        // All accepted: the drafter holds x_6 as a token but not its key.
        int[] held = [.. Prompt, .. expected[..7]];
        DraftProposal second = Ask(sut, Query(1, held, [expected[7]], 6));
        Assert.Equal(expected[8..14], second.Tokens);
        // Two of six accepted, then the same question again.
        int[] shorter = [.. Prompt, .. expected[..10]];
        Assert.Equal(expected[11..15], Ask(sut, Query(1, shorter, [expected[10]], 4)).Tokens);
        Assert.Equal(expected[11..15], Ask(sut, Query(1, shorter, [expected[10]], 4)).Tokens);
    }

    [Fact]
    public void Propose_TargetRefused_GoesOnFromTheTargetsToken()
    {
        using DraftEngine sut = Engine(blocks: 64);
        DraftProposal first = Ask(sut, Query(1, [], Prompt, 5, SamplingParameters.Greedy));
        int refused = (first.Tokens[2] + 1) % 50;
        int[] known = [.. Prompt, .. first.Tokens[..2]];

        DraftProposal second = Ask(sut, Query(1, known, [refused], 5));

        Assert.Equal(Pipeline.Autoregress([.. known, refused], SamplingParameters.Greedy, 5), second.Tokens);
    }

    [Fact]
    public void Propose_ManySequencesAtOnce_RunsTheirDraftRowsTogether()
    {
        FakeShard shard = new(FakeShard.Shape(blocks: 256));
        using DraftEngine sut = new(shard);
        DraftQuery[] queries = [.. Enumerable.Range(0, 8).Select(i =>
            Query(i, [], [.. Prompt[1..], i], i, Samplings[1] with { Seed = (ulong)i }))];

        IReadOnlyList<DraftProposal> proposals = sut.Propose(queries, [], CancellationToken.None);

        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(i, proposals[i].Sequence);
            Assert.Equal(Pipeline.Autoregress([.. Prompt[1..], i], Samplings[1] with { Seed = (ulong)i }, i + 1)[..i], proposals[i].Tokens);
        }
        Assert.Equal(7, shard.Passes);
    }

    [Fact]
    public void Propose_LongPrompt_IsCaughtUpOverRoundsWithoutHoldingOthersUp()
    {
        FakeShard shard = new(FakeShard.Shape());
        using DraftEngine sut = new(shard, new DraftEngineOptions { MaxCatchUpTokens = 20, MaxDraftTokens = 4, MaxPassRows = 8 });
        int[] prompt = [.. Enumerable.Range(0, 50)];
        DraftQuery query = Query(1, [], prompt, 3, SamplingParameters.Greedy);
        DraftQuery other = Query(2, [], [1, 2], 2, SamplingParameters.Greedy);

        Assert.Equal([0, 2], sut.Propose([query, other], [], CancellationToken.None).Select(p => p.Tokens.Length));
        Assert.Empty(Ask(sut, Query(1, prompt[..^1], prompt[^1..], 3)).Tokens);
        Assert.Equal(Pipeline.Autoregress(prompt, SamplingParameters.Greedy, 3), Ask(sut, Query(1, prompt[..^1], prompt[^1..], 3)).Tokens);
    }

    [Fact]
    public void Propose_BlocksShort_ForgetsTheLeastRecentlyAskedWhichThenNeedsItsPrefix()
    {
        using DraftEngine sut = Engine(blocks: 6);
        Ask(sut, Query(1, [], Prompt, 3, SamplingParameters.Greedy));
        Ask(sut, Query(2, [], Prompt, 3, SamplingParameters.Greedy));
        Ask(sut, Query(3, [], Prompt, 3, SamplingParameters.Greedy));

        Assert.True(Ask(sut, Query(1, Prompt, [3], 3)).NeedPrefix);
        Assert.False(Ask(sut, Query(3, Prompt, [3], 3)).NeedPrefix);
        Assert.Equal(3, Ask(sut, Query(1, [], Prompt, 3, SamplingParameters.Greedy)).Tokens.Length);
    }

    [Fact]
    public void Propose_BlocksShortInOneRound_GivesSomeNoDraftsAndBreaksNothing()
    {
        using DraftEngine sut = Engine(blocks: 5);
        DraftQuery[] queries = [.. Enumerable.Range(0, 4).Select(i => Query(i, [], Prompt, 3, SamplingParameters.Greedy))];

        Assert.Equal([3, 0, 0, 0], sut.Propose(queries, [], CancellationToken.None).Select(p => p.Tokens.Length));
        Assert.Equal(3, sut.Propose([Query(3, [], Prompt, 3)], [0], CancellationToken.None)[0].Tokens.Length);
    }

    [Fact]
    public void Propose_TooManySequences_ForgetsTheOldest()
    {
        using DraftEngine sut = new(new FakeShard(FakeShard.Shape()), new DraftEngineOptions { MaxSequences = 2 });
        DraftQuery[] queries = [.. Enumerable.Range(0, 3).Select(i => Query(i, [], Prompt, 1, SamplingParameters.Greedy))];

        Assert.Equal([1, 1, 0], sut.Propose(queries, [], CancellationToken.None).Select(p => p.Tokens.Length));
        Assert.Single(Ask(sut, queries[2]).Tokens);
        Assert.Equal(2, sut.SequenceCount);
    }

    [Fact]
    public void Propose_WrongHashOrUnknownSequence_NeedsThePrefix()
    {
        using DraftEngine sut = Engine(blocks: 64);
        Assert.True(Ask(sut, Query(1, Prompt, [3], 3, SamplingParameters.Greedy)).NeedPrefix);
        Ask(sut, Query(1, [], Prompt, 3, SamplingParameters.Greedy));
        Assert.True(Ask(sut, Query(1, [9, 9, 9], [3, 4, 5, 6, 7], 3)).NeedPrefix);
        Assert.True(Ask(sut, Query(2, [], Prompt, 3)).NeedPrefix);
    }

    [Fact]
    public void Propose_HostileQueries_GetEmptyProposalsAndHarmNobody()
    {
        using DraftEngine sut = Engine(blocks: 64);
        DraftQuery good = Query(1, [], Prompt, 4, Samplings[1]);
        DraftQuery[] queries =
        [
            good,
            good,
            Query(2, [], [50], 4, SamplingParameters.Greedy),
            Query(3, [], [-1], 4, SamplingParameters.Greedy),
            Query(4, [], [], 4, SamplingParameters.Greedy),
            Query(5, [], new int[97], 4, SamplingParameters.Greedy),
            Query(6, [], Prompt, int.MinValue, SamplingParameters.Greedy),
            Query(7, [], Prompt, 4, new() { Temperature = float.NaN }),
            Raw(8, int.MaxValue, [1], 1),
            Raw(9, -1, [1], 1),
            Raw(10, 0, [1], 5),
            Raw(11, 0, [1], -5),
        ];

        IReadOnlyList<DraftProposal> proposals = sut.Propose(queries, [77, 77], CancellationToken.None);

        Assert.Equal(Pipeline.Autoregress(Prompt, Samplings[1], 4), proposals[0].Tokens);
        Assert.All(proposals.Skip(1), proposal => Assert.Empty(proposal.Tokens));
    }

    [Fact]
    public void Propose_NearTheContextsEnd_StopsThere()
    {
        using DraftEngine sut = Engine(blocks: 64);

        Assert.Equal(4, Ask(sut, Query(1, [], new int[92], 1000, SamplingParameters.Greedy)).Tokens.Length);
        Assert.Empty(Ask(sut, Query(2, [], new int[96], 4, SamplingParameters.Greedy)).Tokens);
    }

    [Fact]
    public void Propose_Confidences_AreTheDraftsProbabilities()
    {
        float[] logits = new float[50];
        FakeShard.Logits(PrefixHash.Of(Prompt), 1, logits);
        double sum = logits.Sum(x => Math.Exp(x));
        using DraftEngine sut = Engine(blocks: 64);

        DraftProposal proposal = Ask(sut, Query(1, [], Prompt, 3, SamplingParameters.Greedy));

        Assert.Equal(3, proposal.Confidences.Length);
        Assert.Equal(Math.Exp(logits[proposal.Tokens[0]]) / sum, proposal.Confidences[0], 1e-5);
    }

    [Fact]
    public void Propose_CancelledOrFailedPass_LeavesTheSequenceUsable()
    {
        FakeShard shard = new(FakeShard.Shape());
        using DraftEngine sut = new(shard);
        int passes = 0;
        shard.OnForward = () =>
        {
            if (++passes == 3)
            {
                throw new OperationCanceledException();
            }
        };

        Assert.Throws<OperationCanceledException>(() => Ask(sut, Query(1, [], Prompt, 6, SamplingParameters.Greedy)));
        DraftProposal proposal = Ask(sut, Query(1, Prompt[..3], Prompt[3..], 6));

        Assert.Equal(Pipeline.Autoregress(Prompt, SamplingParameters.Greedy, 6), proposal.Tokens);
    }

    [Fact]
    public void Propose_SequenceClosed_GivesItsBlocksBack()
    {
        using DraftEngine sut = Engine(blocks: 64);
        Ask(sut, Query(1, [], Prompt, 4, SamplingParameters.Greedy));
        Assert.True(sut.FreeBlocks < 64);

        sut.Propose([], [1], CancellationToken.None);

        Assert.Equal(64, sut.FreeBlocks);
        Assert.True(Ask(sut, Query(1, Prompt, [1], 4)).NeedPrefix);
    }

    [Fact]
    public void Constructor_PartOfAModel_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => new DraftEngine(new FakeShard(FakeShard.Shape(1, 2))));
    }

    private static DraftQuery Query(long sequence, int[] known, int[] next, int drafts, SamplingParameters? sampling = null) => new()
    {
        Sequence = sequence,
        KnownLength = known.Length,
        PrefixHash = PrefixHash.Of(known),
        NewTokens = next,
        DraftTokens = drafts,
        PromptTokens = Math.Min(Prompt.Length, known.Length + next.Length),
        Sampling = sampling,
    };

    private static DraftQuery Raw(long sequence, int known, int[] next, int prompt) => new()
    {
        Sequence = sequence,
        KnownLength = known,
        PrefixHash = PrefixHash.Empty,
        NewTokens = next,
        DraftTokens = 4,
        PromptTokens = prompt,
        Sampling = SamplingParameters.Greedy,
    };
}
