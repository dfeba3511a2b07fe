using Winnow.Gateway.Coordination;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

/// <summary>The first shard's early exit as the coordinator sees it: it asks, and learns from the result what was drafted.</summary>
public sealed class ExitTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(9)]
    public async Task Generate_ManyRequests_DraftsAndChangesNoToken(int right)
    {
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(shards: 2, blockCount: 60, exitRight: right));
        GenerationRequest[] requests = [.. Enumerable.Range(0, 8).Select(i => Requests.Of(3 + i, 20 + i, (ulong)i, i, i % 3 == 0 ? null : 1 + i, DrafterNames.Kangaroo))];

        List<int>[] outputs = await Task.WhenAll(requests.Select(request => Requests.RunAsync(sut, request)));

        Assert.All(requests.Zip(outputs), pair => Assert.Equal(Requests.Expected(pair.First), pair.Second));
        Assert.True(sut.Status.Drafted > 0);
        Assert.Equal(right > 0, sut.Status.Accepted > 0);
    }

    [Fact]
    public async Task Generate_FixedLength_ReportsWhatWasDraftedAndAccepted()
    {
        GenerationRequest request = Requests.Of(4, 20, draft: 4, drafter: DrafterNames.Kangaroo);
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(exitRight: 3));

        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, request);

        Assert.All(steps.Skip(1).SkipLast(1), step => Assert.Equal((DrafterNames.Kangaroo, 4, 4, 3), (step.Drafter, step.Drafted, step.DraftDepth, step.Accepted)));
    }

    [Theory]
    [InlineData(null, 0.6f)]
    [InlineData(3, 0f)]
    public async Task Generate_Step_AsksWithTheConfidenceUnlessTheLengthIsGiven(int? draft, float stop)
    {
        var pipeline = new FakePipeline(exitRight: 9);
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline);

        await Requests.RunAsync(sut, Requests.Of(4, 20, draft: draft, drafter: DrafterNames.Kangaroo));

        SequenceRows[] asked = [.. pipeline.Log.SelectMany(step => step.Sequences).Where(rows => rows.ExitTokens > 0)];
        Assert.NotEmpty(asked);
        Assert.All(asked, rows => Assert.Equal(stop, rows.ExitStop));
    }

    [Fact]
    public async Task Generate_NoExit_DraftsNothing()
    {
        GenerationRequest request = Requests.Of(4, 20, draft: 4, drafter: DrafterNames.Kangaroo);
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline());

        Assert.Equal(Requests.Expected(request), await Requests.RunAsync(sut, request));
        Assert.Equal(0, sut.Status.Drafted);
    }

    public static TheoryData<string> Lies => new([.. Lying.Keys]);

    private static readonly Dictionary<string, Func<int[], int[]>> Lying = new()
    {
        ["more than asked for"] = drafts => [.. drafts, .. drafts],
        ["ids out of range"] = drafts => [.. drafts.Select(_ => FakePipeline.Vocabulary)],
        ["none"] = _ => [],
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Generate_OneFalseReport_IsTriedAgain(string lie)
    {
        GenerationRequest request = Requests.Of(4, 20, draft: 3, drafter: DrafterNames.Kangaroo);
        int lies = 0;
        var pipeline = new FakePipeline(exitRight: 9)
        {
            Alter = (_, result) =>
            {
                foreach (SequenceResult sequence in result.Sequences.Where(sequence => sequence.ExitDrafts.Length > 0 && lies++ == 0))
                {
                    sequence.ExitDrafts = Lying[lie](sequence.ExitDrafts);
                }
                return result;
            },
        };
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline);

        Assert.Equal(Requests.Expected(request), await Requests.RunAsync(sut, request));
        Assert.True(lies > 1);
    }
}
