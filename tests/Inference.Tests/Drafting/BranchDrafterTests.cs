using Winnow.Inference.Cache;
using Winnow.Inference.Drafting;
using Winnow.Inference.Sampling;
using Winnow.Inference.Tests.Execution;
using Winnow.Tests.Common;
using static Winnow.Inference.Tests.Drafting.DraftEngineCases;

namespace Winnow.Inference.Tests.Drafting;

public sealed class BranchDrafterTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Advance_AfterAProposal_EveryBranchIsWhatAskingForItWouldHaveAnswered(int sampling)
    {
        using DraftEngine sut = Engine();
        DraftProposal proposal = Ask(sut, Query(1, [], Prompt, 5, Samplings[sampling], ahead: 4));

        List<DraftBranch> branches = Finish(sut);

        Assert.True(branches.Count > 5);
        foreach (DraftBranch branch in branches)
        {
            int[] prefix = PrefixOf(branch, [.. Prompt, .. proposal.Tokens]);
            Assert.Equal(Pipeline.Continue(prefix, Prompt.Length, Samplings[sampling], 4), branch.Tokens);
        }
    }

    [Fact]
    public void Advance_DraftIsTheTarget_HoldsTheBranchOfAllAccepted()
    {
        int[] expected = Pipeline.Autoregress(Prompt, Samplings[1], 20);
        using DraftEngine sut = Engine();
        Ask(sut, Query(1, [], Prompt, 5, Samplings[1], ahead: 4));

        DraftBranch branch = Assert.Single(Finish(sut), branch => branch.Length == Prompt.Length + 6 && branch.PrefixHash == PrefixHash.Of([.. Prompt, .. expected[..6]]));

        Assert.Equal(expected[6..10], branch.Tokens);
    }

    [Fact]
    public void Advance_ToldWhatIsVerified_GoesOnFromItsOutcomes()
    {
        int[] expected = Pipeline.Autoregress(Prompt, Samplings[2], 20);
        using DraftEngine sut = Engine();

        DraftProposal answer = Ask(sut, Query(1, [], [.. Prompt, expected[0]], 0, Samplings[2], ahead: 3, verifying: expected[1..4]));

        Assert.Empty(answer.Tokens);
        Assert.Contains(Finish(sut), branch => branch.PrefixHash == PrefixHash.Of([.. Prompt, .. expected[..5]]) && branch.Tokens.SequenceEqual(expected[5..8]));
        // What it was told is stored: the next question is answered as ever.
        Assert.Equal(expected[5..9], Ask(sut, Query(1, [.. Prompt, expected[0]], expected[1..5], 4)).Tokens);
    }

    [Fact]
    public void Advance_NothingVerified_PreparesForTheNextTokenAlone()
    {
        int[] expected = Pipeline.Autoregress(Prompt, Samplings[0], 20);
        using DraftEngine sut = Engine();
        Ask(sut, Query(1, [], Prompt, 0, Samplings[0], ahead: 4));

        List<DraftBranch> branches = Finish(sut);

        Assert.All(branches, branch => Assert.Equal(Prompt.Length + 1, branch.Length));
        Assert.Contains(branches, branch => branch.PrefixHash == PrefixHash.Of([.. Prompt, expected[0]]) && branch.Tokens.SequenceEqual(expected[1..5]));
    }

    [Fact]
    public void Propose_WhileBranchesAreDrafted_AnswersAsWithout()
    {
        int[] expected = Pipeline.Autoregress(Prompt, Samplings[1], 40);
        using DraftEngine sut = Engine();
        for (int known = 0; known < 30; known += 6)
        {
            int[] held = known == 0 ? [] : [.. Prompt, .. expected[..(known - 5)]];
            int[] next = known == 0 ? [.. Prompt, expected[0]] : expected[(known - 5)..(known + 1)];
            DraftProposal proposal = Ask(sut, Query(1, held, next, 5, known == 0 ? Samplings[1] : null, ahead: 4));

            Assert.Equal(expected[(known + 1)..(known + 6)], proposal.Tokens);
            sut.Advance([], CancellationToken.None);
            sut.Advance([], CancellationToken.None);
        }
    }

    [Fact]
    public void Propose_BlocksShort_TakesThemFromBranches()
    {
        using DraftEngine sut = Engine(blocks: 10);
        Ask(sut, Query(1, [], Prompt, 4, Samplings[0], ahead: 8));
        sut.Advance([], CancellationToken.None);
        sut.Advance([], CancellationToken.None);

        Assert.Equal(4, Ask(sut, Query(2, [], new int[20], 4, Samplings[0])).Tokens.Length);
        sut.Propose([], [1, 2], CancellationToken.None);
        Finish(sut);

        Assert.Equal(10, sut.FreeBlocks);
    }

    [Fact]
    public void FlushAhead_InTheMiddle_GivesWhatThereIs()
    {
        using DraftEngine sut = Engine();
        Ask(sut, Query(1, [], Prompt, 4, Samplings[0], ahead: 8));
        List<DraftBranch> branches = [];
        sut.Advance(branches, CancellationToken.None);
        sut.Advance(branches, CancellationToken.None);
        sut.Advance(branches, CancellationToken.None);
        Assert.Empty(branches);

        sut.FlushAhead(1, branches);

        Assert.NotEmpty(branches);
        Assert.All(branches, branch => Assert.Equal(2, branch.Tokens.Length));
        Assert.False(sut.HasAhead);
    }

    [Fact]
    public void Propose_HostileAhead_IsHarmless()
    {
        using DraftEngine sut = Engine();
        DraftQuery[] queries =
        [
            Query(1, [], Prompt, 0, Samplings[0], ahead: int.MaxValue, verifying: [-1]),
            Query(2, [], Prompt, 0, Samplings[0], ahead: int.MaxValue, verifying: [50]),
            Query(3, [], Prompt, 0, Samplings[0], ahead: int.MaxValue, verifying: new int[1000]),
            Query(4, [], new int[95], 0, Samplings[0], ahead: int.MaxValue, verifying: [1]),
            Query(5, [], new int[90], 4, Samplings[0], ahead: int.MaxValue),
            Query(6, [], Prompt, -5, Samplings[0], ahead: -5),
        ];

        sut.Propose(queries, [], CancellationToken.None);

        Assert.All(Finish(sut), branch => Assert.True(branch.Length + branch.Tokens.Length <= 97));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Mirror_TokenThatTheDraftModelDoesNotExpect_GetsABranch(bool isLate)
    {
        using DraftEngine sut = Engine();
        DraftProposal proposal = Ask(sut, Query(1, [], Prompt, 2, Samplings[0], ahead: 4));
        List<DraftBranch> before = isLate ? Finish(sut) : [];
        int strange = Enumerable.Range(0, 50).First(token => token != proposal.Tokens[0] && !before.Exists(branch => branch.PrefixHash == PrefixHash.Of([.. Prompt, token])));

        sut.Mirror(new DraftMirror(1, Prompt.Length, PrefixHash.Of(Prompt), 1, [strange], [1]));
        List<DraftBranch> after = Finish(sut);

        DraftBranch branch = Assert.Single(after, branch => branch.PrefixHash == PrefixHash.Of([.. Prompt, strange]));
        Assert.Equal(Pipeline.Continue([.. Prompt, strange], Prompt.Length, Samplings[0], 4), branch.Tokens);
        Assert.True(branch.IsMirrored || !isLate);
        Assert.Equal(isLate ? 1 : after.Count, after.Count);
    }

    [Fact]
    public void Mirror_Hostile_IsHarmless()
    {
        using DraftEngine sut = Engine();
        Ask(sut, Query(1, [], Prompt, 2, Samplings[0], ahead: 4));
        Finish(sut);
        ulong hash = PrefixHash.Of(Prompt);
        DraftMirror[] mirrors =
        [
            new(9, Prompt.Length, hash, 1, [1], [1]),
            new(1, Prompt.Length - 1, hash, 1, [1], [1]),
            new(1, int.MaxValue, hash, 1, [1], [1]),
            new(1, Prompt.Length, hash + 1, 1, [1], [1]),
            new(1, Prompt.Length, hash, 0, [1], [1]),
            new(1, Prompt.Length, hash, -1, [1], [1]),
            new(1, Prompt.Length, hash, int.MaxValue, [1], [1]),
            new(1, Prompt.Length, hash, 1, [-1, int.MaxValue, 50], [1, 1, 1]),
            new(1, Prompt.Length, hash, 1, [1], []),
            new(1, Prompt.Length, hash, 1, [1, 2, 3], [float.NaN, float.PositiveInfinity, float.NegativeInfinity]),
        ];

        Assert.All(mirrors, sut.Mirror);

        Assert.Empty(Finish(sut));
    }

    private static int[] PrefixOf(DraftBranch branch, int[] trunk)
    {
        int[] shared = trunk[..(branch.Length - 1)];
        int token = Enumerable.Range(0, 50).Single(token => PrefixHash.Of([.. shared, token]) == branch.PrefixHash);
        return [.. shared, token];
    }

    private static List<DraftBranch> Finish(DraftEngine engine)
    {
        List<DraftBranch> branches = [];
        while (engine.HasAhead)
        {
            engine.Advance(branches, CancellationToken.None);
        }
        return branches;
    }

    private static DraftQuery Query(
        long sequence, int[] known, int[] next, int drafts, SamplingParameters? sampling = null, int ahead = 0, int[]? verifying = null) => new()
        {
            Sequence = sequence,
            KnownLength = known.Length,
            PrefixHash = PrefixHash.Of(known),
            NewTokens = next,
            DraftTokens = drafts,
            PromptTokens = Math.Min(Prompt.Length, known.Length + next.Length),
            Sampling = sampling,
            AheadTokens = ahead,
            Verifying = verifying ?? [],
        };
}
