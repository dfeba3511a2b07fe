using Winnow.Gateway.Coordination;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

/// <summary>
/// Trees through a coordinator: the fake target throws when a row would read another prefix's keys, when a kept path is not where it should be, or when a draft finds no
/// scratch row.
/// </summary>
public sealed class TreeTests
{
    [Theory]
    [InlineData(1, 256, 128)]
    [InlineData(2, 256, 128)]
    [InlineData(3, 40, 128)]
    [InlineData(2, 256, 9)]
    [InlineData(1, 40, 3)]
    [InlineData(1, 256, 0)]
    public async Task Generate_RandomTreesWithTheRightPathSomewhere_ChangesNoToken(int shards, int blocks, int scratch)
    {
        var pipeline = new FakePipeline(shards, blocks, scratch: scratch);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 10).Select(i => TreeOf(Requests.Of(3 + i, 40 + i, (ulong)i, i / 2, drafter: "random"), 6 + (i * 5)))];
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, [RandomTrees(requests)]);

        List<GeneratedTokens>[] outputs = await Task.WhenAll(requests.Select(request => Requests.StepsAsync(sut, request)));

        Assert.All(requests.Zip(outputs), pair => Assert.Equal(Requests.Expected(pair.First), pair.Second.SelectMany(step => step.Tokens)));
        int accepted = outputs.Sum(steps => steps.Sum(step => step.Accepted));
        Assert.True(accepted > 50, $"{accepted} accepted");
        Assert.All(outputs.SelectMany(steps => steps), step => Assert.True(step.Accepted <= step.DraftDepth && step.DraftDepth <= step.Drafted));
        Assert.Equal(scratch > 0, pipeline.Log.Exists(step => step.Sequences.Exists(rows => rows.KeepPath.Length > 0)));
        Assert.Equal(outputs.Sum(steps => steps.Sum(step => step.Drafted)), sut.Status.Drafted);
    }

    [Fact]
    public async Task Generate_TreeWhosePathLeftTheMainChain_SharesNoBlockBeforeItsRowsAreMoved()
    {
        // Two requests of one prompt, the second while the first runs: it shares what the first has published.
        GenerationRequest request = TreeOf(Requests.Of(5, 60, drafter: "random"), 24);
        var pipeline = new FakePipeline();
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline, [RandomTrees([request])]);
        List<int> first = await Requests.RunAsync(sut, request);
        GenerationRequest longer = request with { PromptTokens = [.. request.PromptTokens, .. first], MaxTokens = 4, RequestId = "longer" };

        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, longer with { Speculation = SpeculationOptions.Off });

        Assert.True(steps[0].CachedPromptTokens > 50);
        Assert.Equal(Requests.Expected(longer), steps.SelectMany(step => step.Tokens));
    }

    [Fact]
    public async Task Generate_DraftModelAskedForATree_IsToldItsShape()
    {
        var drafter = new FakeDrafter();
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(), drafter);
        await Requests.StepsAsync(sut, TreeOf(Requests.Of(4, 40), 20));
        DraftQuery query = drafter.Queries[1];
        Assert.Equal((20, 8), (query.DraftTokens, query.TreeDepth));
        Assert.True(query.TreeWidth > 1);
    }

    [Fact]
    public async Task Generate_ScratchOrRuleLeaveNoTree_AsksForAChain()
    {
        var drafter = new FakeDrafter();
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(scratch: 0), drafter);
        await Requests.StepsAsync(sut, TreeOf(Requests.Of(4, 40), 20));
        Assert.All(drafter.Queries, query => Assert.True(query.TreeWidth <= 1 && query.DraftTokens <= 8));
    }

    [Theory]
    [InlineData("parents of another number")]
    [InlineData("parents after their children")]
    [InlineData("parents out of range")]
    [InlineData("the same child twice")]
    [InlineData("too deep")]
    [InlineData("far too many")]
    public async Task Generate_DraftModelAnswersBadTrees_ChangesNoToken(string fault)
    {
        var drafter = new FakeDrafter { Alter = (queries, proposals) => [.. proposals.Zip(queries).Select(pair => Spoil(fault, pair.First, pair.Second))] };
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(shards: 2, scratch: 20), drafter);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 4).Select(i => TreeOf(Requests.Of(3 + i, 30, (ulong)i, i), 16))];
        List<int>[] outputs = await Task.WhenAll(requests.Select(request => Requests.RunAsync(sut, request)));
        Assert.All(requests.Zip(outputs), pair => Assert.Equal(Requests.Expected(pair.First), pair.Second));
    }

    private static GenerationRequest TreeOf(GenerationRequest request, int nodes) =>
        request with { Speculation = request.Speculation with { Shape = DraftShape.Tree, FixedDraftTokens = nodes } };

    /// <summary>Trees of wrong tokens, in which the right path stands at random places.</summary>
    private static ScriptedDrafter RandomTrees(GenerationRequest[] requests)
    {
        int[][] texts = [.. requests.Select(request => (int[])[.. request.PromptTokens, .. Requests.Expected(request)])];
        var random = new Random(4);
        return new ScriptedDrafter("random", (tokens, draft) =>
        {
            int length = tokens.Length;
            int[] known = tokens.ToArray();
            int[] text = texts.FirstOrDefault(text => text.Length > length && text.AsSpan(0, length).SequenceEqual(known), []);
            int tip = DraftTree.Root;
            for (int i = 0; i < 80; i++)
            {
                bool right = random.Next(3) == 0 && length + (tip < 0 ? 0 : draft.Depths[tip] + 1) < text.Length;
                int token = right ? text[length + (tip < 0 ? 0 : draft.Depths[tip] + 1)] : random.Next(FakePipeline.Vocabulary);
                if (draft.TryAdd(token, right ? tip : random.Next(-1, draft.Count)) && right)
                {
                    tip = draft.Count - 1;
                }
            }
            return 0;
        });
    }

    private static DraftProposal Spoil(string fault, DraftProposal proposal, DraftQuery query)
    {
        int count = proposal.Tokens.Length;
        int[] parents = fault switch
        {
            "parents of another number" => new int[Math.Max(0, count - 1)],
            "parents after their children" => [.. Enumerable.Range(1, count)],
            "parents out of range" => [.. Enumerable.Range(0, count).Select(i => i < 2 ? i - 1 : -2)],
            "the same child twice" => [.. Enumerable.Repeat(-1, count)],
            _ => [.. Enumerable.Range(-1, count)],
        };
        int[] tokens = fault switch
        {
            "the same child twice" => [.. Enumerable.Repeat(7, count)],
            "far too many" => [.. Enumerable.Range(0, 10_000).Select(i => i % FakePipeline.Vocabulary)],
            _ => proposal.Tokens,
        };
        return new DraftProposal
        {
            Sequence = query.Sequence,
            NeedPrefix = proposal.NeedPrefix,
            Tokens = tokens,
            Parents = fault == "far too many" ? [.. Enumerable.Range(0, 10_000).Select(i => i % 3 == 0 ? -1 : i - 1)] : parents,
        };
    }
}
