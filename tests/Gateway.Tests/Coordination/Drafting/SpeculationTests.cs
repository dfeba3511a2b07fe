using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Local;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

public sealed class SpeculationTests
{
    public static TheoryData<string> Hostilities => new([.. Hostile.Keys]);

    private static readonly Dictionary<string, Action<FakeDrafter>> Hostile = new()
    {
        ["wrong ids"] = drafter => drafter.Token = static (_, index, right) => (right + 1 + index) % FakePipeline.Vocabulary,
        ["ids out of range"] = drafter => drafter.Token = static (query, index, right) => index == 1 ? (query.Sequence % 2 == 0 ? -1 : int.MaxValue) : right,
        ["too many"] = drafter => drafter.Alter = static (_, proposals) => [.. proposals.Select(p => new DraftProposal { Sequence = p.Sequence, Tokens = [.. p.Tokens, .. Enumerable.Repeat(3, 1000)] })],
        ["none"] = drafter => drafter.Alter = static (_, _) => [],
        ["unknown sequences"] = drafter => drafter.Alter = static (_, proposals) => [.. proposals.Select(p => new DraftProposal { Sequence = p.Sequence + 1000, Tokens = p.Tokens })],
        ["the same twice"] = drafter => drafter.Alter = static (_, proposals) => [.. proposals.Concat(proposals.Select(p => new DraftProposal { Sequence = p.Sequence, Tokens = [1, 2, 3] }))],
        ["null entries"] = drafter => drafter.Alter = static (_, proposals) => [null!, new DraftProposal { Sequence = proposals[0].Sequence, Tokens = null! }],
        ["always wants the prefix"] = drafter => drafter.Alter = static (_, proposals) => [.. proposals.Select(p => new DraftProposal { Sequence = p.Sequence, NeedPrefix = true })],
        ["throws"] = drafter => drafter.Delay = static _ => throw new InvalidOperationException("on purpose"),
        ["answers null"] = drafter => drafter.Alter = static (_, _) => null!,
    };

    [Theory]
    [MemberData(nameof(Hostilities))]
    public async Task Generate_HostileDrafter_ChangesNoToken(string hostility)
    {
        var drafter = new FakeDrafter();
        Hostile[hostility](drafter);
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(shards: 2), drafter);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 6).Select(i => Requests.Of(3 + i, 20 + i, (ulong)i, i, i % 2 == 0 ? 5 : null))];
        List<int>[] outputs = await Task.WhenAll(requests.Select(request => Requests.RunAsync(sut, request)));
        Assert.All(requests.Zip(outputs), pair => Assert.Equal(Requests.Expected(pair.First), pair.Second));
    }

    [Fact]
    public async Task Generate_LateDrafter_StepGoesWithoutDraftsAtTheDeadline()
    {
        var time = new ManualTime();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var drafter = new FakeDrafter
        {
            Delay = async cancellation =>
            {
                asked.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
            },
        };
        var options = new CoordinatorOptions { DraftDeadline = TimeSpan.FromMilliseconds(20) };
        var pipeline = new FakePipeline { Manual = true };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, drafter, options, time);
        Task<List<int>> run = Requests.RunAsync(sut, Requests.Of(4, 4, draft: 4));
        await pipeline.ReleaseAsync();
        await asked.Task.WaitAsync(TestLimits.Patience);
        Assert.Equal(0, pipeline.InFlight);
        time.Advance(TimeSpan.FromMilliseconds(19));
        Assert.Equal(0, pipeline.InFlight);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Single((await pipeline.ReleaseAsync()).Sequences[0].Tokens);
        // The one that follows does not wait, though time stands still.
        Assert.Single((await pipeline.ReleaseAsync()).Sequences[0].Tokens);
        await pipeline.ReleaseAsync();
        Assert.Equal(4, (await run).Count);
    }

    [Fact]
    public async Task Generate_DrafterThatIgnoresTheDeadline_IsNotAskedAgainBeforeItAnswers()
    {
        var time = new ManualTime();
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int calls = 0;
        var drafter = new FakeDrafter
        {
            Delay = _ =>
            {
                Interlocked.Increment(ref calls);
                return answer.Task;
            },
        };
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(), drafter, time: time);
        GenerationRequest request = Requests.Of(4, 40, draft: 4);
        Task<List<int>> run = Requests.RunAsync(sut, request);
        while (!run.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        Assert.Equal(Requests.Expected(request), await run);
        Assert.Equal(1, calls);
        answer.SetResult();
    }

    [Fact]
    public async Task Generate_InProcessDrafterThatIsSlow_OneStepWaitsForIt()
    {
        var time = new ManualTime();
        using var engine = new HeldDraftEngine();
        await using var drafter = new InProcessDraftClient(engine);
        await using Coordinator sut = await TestCoordinator.StartAsync(new FixedReplicaSource(new FakePipeline(), drafter), time: time);
        GenerationRequest request = Requests.Of(4, 40, draft: 4);
        Task<List<int>> run = Requests.RunAsync(sut, request);
        await engine.Asked.WaitAsync(TestLimits.Patience);
        time.Advance(TimeSpan.FromSeconds(1));
        // Time stands still from now on: no step can wait.
        Assert.Equal(Requests.Expected(request), await run);
        engine.Release();
    }

    [Fact]
    public async Task Generate_LateDraftsAreRight_NoStepVerifiesThem()
    {
        var time = new ManualTime();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var drafter = new FakeDrafter
        {
            Delay = _ =>
            {
                asked.TrySetResult();
                return answer.Task;
            },
        };
        var pipeline = new FakePipeline { Manual = true };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, drafter, time: time);
        GenerationRequest request = Requests.Of(4, 12, draft: 4);
        Task<List<int>> run = Requests.RunAsync(sut, request);
        await pipeline.ReleaseAsync();
        await asked.Task.WaitAsync(TestLimits.Patience);
        time.Advance(TimeSpan.FromSeconds(1));
        await pipeline.NextAsync();

        answer.SetResult();

        Assert.Single((await pipeline.ReleaseAsync()).Sequences[0].Tokens);
        // The next step's drafts are those of its own question.
        while (!run.IsCompleted)
        {
            await Task.WhenAny(pipeline.ReleaseAsync(), run);
        }
        Assert.Equal(Requests.Expected(request), await run);
        Assert.All(drafter.Queries.Zip(drafter.Queries.Skip(1)), pair => Assert.True(pair.First.KnownLength + pair.First.NewTokens.Length <= pair.Second.KnownLength));
        Assert.Equal(sut.Status.Drafted, sut.Status.Accepted);
    }

    [Fact]
    public async Task Generate_DrafterForgets_GetsThePrefixAgain()
    {
        var drafter = new FakeDrafter();
        var pipeline = new FakePipeline();
        pipeline.Sent = batch =>
        {
            if (batch.Step == 4)
            {
                drafter.Forget();
            }
        };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, drafter);
        GenerationRequest request = Requests.Of(6, 40, draft: 3);
        Assert.Equal(Requests.Expected(request), await Requests.RunAsync(sut, request));
        Assert.Equal(2, drafter.Queries.Count(query => query.KnownLength == 0));
        Assert.All(drafter.Queries.Where(query => query.KnownLength == 0), query => Assert.NotNull(query.Sampling));
    }

    [Theory]
    [InlineData(0, 3, 0)]
    [InlineData(0.7, 3, 0.3)]
    [InlineData(0.7, null, 0.3)]
    public async Task Generate_StopThreshold_IsWhatTheDraftModelStopsBy(double threshold, int? draft, double expected)
    {
        var drafter = new FakeDrafter();
        var options = new CoordinatorOptions { StopThreshold = threshold, Drafter = DrafterNames.DraftModel };
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(), drafter, options);

        await Requests.RunAsync(sut, Requests.Of(6, 20, draft: draft));

        Assert.NotEmpty(drafter.Queries);
        Assert.All(drafter.Queries, query => Assert.Equal(expected, query.LeastChance, 9));
    }

    [Fact]
    public async Task Generate_NearMaxTokens_NeverDraftsPastIt()
    {
        var pipeline = new FakePipeline();
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, new FakeDrafter());
        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, Requests.Of(5, 7, draft: 8));
        Assert.Equal(7, steps.Sum(step => step.Tokens.Count));
        Assert.Equal([0, 5], steps.Select(step => step.Drafted));
    }

    [Fact]
    public async Task Generate_SequencesEnd_TheDrafterIsTold()
    {
        var drafter = new FakeDrafter();
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(), drafter);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Requests.RunAsync(sut, Requests.Of(5, 20, (ulong)i, i, 3))));
        await sut.UntilAsync(status => status.Running == 0);
        await Requests.RunAsync(sut, Requests.Of(5, 20, 9, 9, 3));
        using var limit = new CancellationTokenSource(TestLimits.Patience);
        while (drafter.Held > 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Generate_SpeculationOff_AsksForNothing()
    {
        var drafter = new FakeDrafter();
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(), drafter);
        await Requests.RunAsync(sut, Requests.Of(5, 20, draft: 0));
        Assert.Empty(drafter.Queries);
    }

    [Fact]
    public async Task Generate_AdaptiveWithUselessDrafter_StopsDraftingButProbes()
    {
        var drafter = new FakeDrafter { Token = static (_, _, right) => (right + 1) % FakePipeline.Vocabulary };
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(), drafter, new CoordinatorOptions { DraftProbeSteps = 10 });
        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, Requests.Of(5, 200));
        int[] drafted = [.. steps.Select(step => step.Drafted)];
        Assert.True(drafted[1] > 0);
        int probe = new CoordinatorOptions().InitialDraftTokens;
        Assert.All(drafted[100..], count => Assert.True(count == 0 || count == probe, $"{count} tokens drafted"));
        Assert.InRange(drafted[100..].Count(count => count > 0), 5, 10);
    }

    [Fact]
    public async Task Generate_AdaptiveWithPerfectCheapDrafter_DraftsLonger()
    {
        var time = new ManualTime();
        var pipeline = new FakePipeline();
        pipeline.Alter = (batch, result) =>
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            return result;
        };
        var drafter = new FakeDrafter
        {
            Token = (_, _, right) =>
            {
                time.Advance(TimeSpan.FromMilliseconds(0.2));
                return right;
            },
        };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, drafter, time: time);
        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, Requests.Of(5, 400));
        Assert.Equal(4, steps[1].Drafted);
        Assert.Equal(8, steps[^3].Drafted);
        Assert.Equal(8, sut.Status.DraftTokens);
    }

    [Fact]
    public async Task Generate_AdaptiveWithDearDrafter_DraftsNothing()
    {
        var time = new ManualTime();
        var pipeline = new FakePipeline();
        pipeline.Alter = (batch, result) =>
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            return result;
        };
        var drafter = new FakeDrafter
        {
            Token = (_, _, right) =>
            {
                time.Advance(TimeSpan.FromMilliseconds(30));
                return right;
            },
        };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, drafter, time: time);
        await Requests.RunAsync(sut, Requests.Of(5, 300));
        Assert.Equal(0, sut.Status.DraftTokens);
    }
}
