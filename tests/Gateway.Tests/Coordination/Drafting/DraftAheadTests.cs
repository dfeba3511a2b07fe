using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Drafting;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Cache;
using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

public sealed class DraftAheadTests
{
    private static readonly CoordinatorOptions On = new() { DraftAhead = DraftAheadMode.On };

    [Fact]
    public async Task Generate_EveryOutcomePrepared_AsksOnceAndHitsFromThenOn()
    {
        var drafter = new FakeDrafter { Ahead = branch => branch };
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(), drafter, On);
        GenerationRequest request = Requests.Of(4, 60, draft: 4);

        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, request);

        Assert.Equal(Requests.Expected(request), steps.SelectMany(step => step.Tokens));
        Assert.All(steps.Skip(1).SkipLast(1), step => Assert.Equal((4, 4), (step.Drafted, step.Accepted)));
        Assert.DoesNotContain(drafter.Queries, query => query.DraftTokens > 0);
        CoordinatorStatus status = sut.Status;
        Assert.Equal((steps.Count - 1, 0), (status.AheadHits, status.AheadMisses));
    }

    [Fact]
    public async Task Generate_BranchesAreWrong_CountsHitsAndAcceptsNothing()
    {
        var drafter = new FakeDrafter { Ahead = branch => new DraftBranch { Sequence = branch.Sequence, Length = branch.Length, PrefixHash = branch.PrefixHash, Tokens = [.. branch.Tokens.Select(token => (token + 1) % 50)] } };
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(), drafter, On);
        GenerationRequest request = Requests.Of(4, 30, draft: 4);

        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, request);

        Assert.Equal(Requests.Expected(request), steps.SelectMany(step => step.Tokens));
        Assert.Equal(0, steps.Sum(step => step.Accepted));
        Assert.True(sut.Status.AheadHits > 20);
    }

    [Fact]
    public async Task Generate_BranchesUnderWrongKeys_AreNeverFound()
    {
        var drafter = new FakeDrafter { Ahead = branch => new DraftBranch { Sequence = branch.Sequence, Length = branch.Length, PrefixHash = branch.PrefixHash + 1, Tokens = branch.Tokens } };
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(), drafter, On);
        GenerationRequest request = Requests.Of(4, 30, draft: 4);

        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, request);

        Assert.Equal(Requests.Expected(request), steps.SelectMany(step => step.Tokens));
        Assert.Equal(0, sut.Status.AheadHits);
        Assert.True(sut.Status.AheadMisses > 0);
        // A fixed length is asked for when nothing was prepared.
        Assert.Contains(drafter.Queries, query => query.DraftTokens == 4);
    }

    [Fact]
    public async Task Generate_Off_TellsTheDrafterNothingAhead()
    {
        var drafter = new FakeDrafter { Ahead = branch => branch };
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(), drafter, new CoordinatorOptions { DraftAhead = DraftAheadMode.Off });

        await Requests.RunAsync(sut, Requests.Of(4, 30, draft: 4));

        Assert.All(drafter.Queries, query => Assert.Equal((0, 0), (query.AheadTokens, query.Verifying.Length)));
        Assert.Equal(0, sut.Status.AheadHits + sut.Status.AheadMisses);
    }

    [Fact]
    public void Take_BranchOfTheSequenceAsItIs_GoesOnAlongItAsLongAsItIsRight()
    {
        RunningSequence sequence = Sequence(1, 2, 3);
        var sut = new BranchCache();
        sut.Add(sequence, Branch([1, 2, 3, 4], 5, 6, 7, 8));

        sequence.Append(4);
        sequence.AdvanceKv(3);
        Assert.Equal([5, 6, 7, 8], sut.Take(sequence));
        sequence.Append(5);
        sequence.Append(6);
        sequence.AdvanceKv(5);
        Assert.Equal([7, 8], sut.Take(sequence));
        sequence.Append(9);
        sequence.AdvanceKv(6);
        Assert.Equal([], sut.Take(sequence));
    }

    [Fact]
    public void Add_SequenceHasGonePast_IsLate()
    {
        RunningSequence sequence = Sequence(1, 2, 3);
        var sut = new BranchCache();

        Assert.False(sut.Add(sequence, Branch([1, 2], 3, 4)));
        Assert.True(sut.Add(sequence, Branch([1, 2, 3], 4, 5)));
        Assert.True(sut.Add(sequence, Branch([1, 2, 3, 4], 5, 6)));
    }

    [Fact]
    public void Add_FartherAheadThanAnyStepGoes_IsNotKept()
    {
        RunningSequence sequence = Sequence(1, 2, 3);
        var sut = new BranchCache();

        Assert.False(sut.Add(sequence, new DraftBranch { Sequence = sequence.Id, Length = 300, PrefixHash = 1, Tokens = [4] }));
        Assert.False(sut.Add(sequence, new DraftBranch { Sequence = sequence.Id, Length = int.MaxValue, PrefixHash = 1, Tokens = [4] }));
    }

    [Fact]
    public void Inbox_BranchLongerThanAnyDraft_IsDropped()
    {
        int woken = 0;
        var sut = new BranchInbox(() => woken++);

        sut.Add([new DraftBranch { Sequence = 1, Length = 3, PrefixHash = 1, Tokens = new int[SpeculationOptions.MaxTreeNodes + 1] }], TimeSpan.Zero);
        sut.Add([new DraftBranch { Sequence = 1, Length = 3, PrefixHash = 1, Tokens = [4] }], TimeSpan.Zero);

        Assert.Equal([4], Assert.Single(sut.Take()).Branch.Tokens);
        Assert.Equal(1, woken);
    }

    [Fact]
    public void WaitPays_ByWhatAnAnswerAndAStepTake_IsAsStated()
    {
        var sut = new AheadPolicy(DraftAheadMode.On);
        sut.ObserveStep(TimeSpan.FromMilliseconds(60));
        sut.ObserveAnswer(TimeSpan.FromMilliseconds(40), drafted: true);
        Assert.True(sut.WaitPays(4));
        Assert.False(sut.WaitPays(1.1));

        for (int i = 0; i < 200; i++)
        {
            sut.ObserveAnswer(TimeSpan.FromMilliseconds(400), drafted: true);
        }
        Assert.False(sut.WaitPays(4));
    }

    [Fact]
    public void IsOn_Auto_FollowsWhatItSavesAndCosts()
    {
        var sut = new AheadPolicy(DraftAheadMode.Auto);
        sut.ObserveStep(TimeSpan.FromMilliseconds(60));
        Assert.False(sut.IsOn);
        sut.ObserveAnswer(TimeSpan.FromMilliseconds(40), drafted: true);
        sut.ObserveStep(TimeSpan.FromMilliseconds(60));
        Assert.True(sut.IsOn);
        Rounds(sut, price: 5);
        Assert.True(sut.IsOn);
        Rounds(sut, price: 50);
        Assert.False(sut.IsOn);
    }

    [Fact]
    public void MostInFlight_StepsSpendTheirTimeOnLinks_IsWhatTheWayHolds()
    {
        var sut = new StepPace();
        sut.Observe(TimeSpan.FromMilliseconds(4), TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, sut.MostInFlight(2));
        sut.Reset();
        sut.Observe(TimeSpan.FromMilliseconds(62), TimeSpan.FromMilliseconds(1));
        Assert.Equal(20, sut.MostInFlight(2));
        Assert.True(sut.IsLatencyBound(2));
    }

    private static void Rounds(AheadPolicy policy, double price)
    {
        for (int i = 0; i < 100; i++)
        {
            policy.ObserveLookup(hit: true);
            policy.ObserveBranches(TimeSpan.FromMilliseconds(price));
            policy.ObserveRound();
        }
    }

    private static RunningSequence Sequence(params int[] prompt) => new(1, Requests.Of(1, 50) with { PromptTokens = prompt }, outputBuffer: 8);

    private static DraftBranch Branch(int[] before, params int[] tokens) =>
        new() { Sequence = 1, Length = before.Length, PrefixHash = PrefixHash.Of(before), Tokens = tokens };

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Generate_EarlyExitTellsWhatItExpects_PassesOnWhatIsOfTheStepOnItsWay(int candidates)
    {
        var drafter = new FakeDrafter { Ahead = branch => new DraftBranch { Sequence = branch.Sequence, Length = branch.Length, PrefixHash = branch.PrefixHash, Tokens = branch.Tokens, IsMirrored = true } };
        var pipeline = new FakePipeline(shards: 2, exitRight: 0)
        {
            Mirrors = rows =>
            {
                Assert.Equal(candidates, rows.MirrorTokens);
                var mirror = new DraftMirror(rows.Slot, rows.BaseLength + rows.KnownCount, PrefixHash.Append(rows.PrefixHash, rows.Tokens.AsSpan(0, rows.KnownCount)), 1, [7], [1]);
                return [mirror, mirror with { Sequence = 999 }, mirror with { Sequence = -1 }, mirror with { Length = mirror.Length + 1 }];
            },
        };
        var options = new CoordinatorOptions { DraftAhead = DraftAheadMode.On, MirrorCandidates = candidates };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, drafter, options);
        GenerationRequest request = Requests.Of(4, 60, draft: 4);

        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, request);

        List<int> expected = Requests.Expected(request);
        Assert.Equal(expected, steps.SelectMany(step => step.Tokens));
        Assert.Equal(sut.Status.AheadHits, sut.Status.AheadMirrorHits);
        Assert.Equal(candidates > 0, drafter.Mirrors.Count > 0);
        Assert.All(drafter.Mirrors, mirror => Assert.Equal(
            (drafter.Queries[0].Sequence, PrefixHash.Of([.. request.PromptTokens, .. expected.Take(mirror.Length - request.PromptTokens.Count)])), (mirror.Sequence, mirror.PrefixHash)));
    }
}
