using Winnow.Gateway.Coordination;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

/// <summary>Drafters that guess from tokens, and the choice among drafters, in a coordinator.</summary>
public sealed class DrafterTests
{
    public static TheoryData<string> Names => new([.. DrafterNames.All]);

    public static TheoryData<string> Hostilities => new([.. Hostile.Keys]);

    private static readonly Dictionary<string, Func<DraftTree, int>> Hostile = new()
    {
        ["ids out of range"] = draft => Fill(draft, int.MaxValue, 0),
        ["negative ids"] = draft => Fill(draft, -1, 0),
        ["more than fits"] = draft => Fill(draft, 1, 3, 1000),
        ["grade below nothing"] = draft => Fill(draft, 1, int.MinValue),
        ["unknown grade"] = draft => Fill(draft, 1, 99),
        ["throws"] = _ => throw new InvalidOperationException("on purpose"),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Generate_AnyDrafter_ChangesNoToken(string drafter)
    {
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(shards: 2), new FakeDrafter());
        GenerationRequest[] requests = [.. Enumerable.Range(0, 8).Select(i => Requests.Of(3 + i, 20 + i, (ulong)i, i, i % 2 == 0 ? 5 : null, drafter))];
        List<int>[] outputs = await Task.WhenAll(requests.Select(request => Requests.RunAsync(sut, request)));
        Assert.All(requests.Zip(outputs), pair => Assert.Equal(Requests.Expected(pair.First), pair.Second));
    }

    [Theory]
    [MemberData(nameof(Hostilities))]
    public async Task Generate_HostileGuesses_ChangeNoToken(string hostility)
    {
        await using Coordinator sut = await StartAsync(new ScriptedDrafter("hostile", (_, draft) => Hostile[hostility](draft)));
        GenerationRequest[] requests = [.. Enumerable.Range(0, 4).Select(i => Requests.Of(3 + i, 20, (ulong)i, i, i % 2 == 0 ? 5 : null, i == 0 ? DrafterNames.Auto : "hostile"))];
        List<int>[] outputs = await Task.WhenAll(requests.Select(request => Requests.RunAsync(sut, request)));
        Assert.All(requests.Zip(outputs), pair => Assert.Equal(Requests.Expected(pair.First), pair.Second));
    }

    [Fact]
    public async Task Generate_RightGuesses_AreVerifiedAndNamed()
    {
        GenerationRequest request = Requests.Of(4, 20, draft: 4, drafter: "knows");
        await using Coordinator sut = await StartAsync(Knowing("knows", request));
        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, request);
        Assert.Equal(Requests.Expected(request), steps.SelectMany(step => step.Tokens));
        Assert.True(steps.Count <= 5, $"{steps.Count} steps");
        Assert.All(steps.Skip(1).SkipLast(1), step => Assert.Equal(("knows", 4, 4), (step.Drafter, step.Drafted, step.Accepted)));
    }

    [Fact]
    public async Task Generate_Auto_EndsAtTheDrafterThatIsRight()
    {
        GenerationRequest request = Requests.Of(4, 200, drafter: DrafterNames.Auto);
        var wrong = new ScriptedDrafter("wrong", (tokens, draft) => Fill(draft, tokens[^1], 3));
        await using Coordinator sut = await StartAsync(wrong, Knowing("knows", request));
        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, request);
        Assert.All(steps.SkipLast(1).TakeLast(8), step => Assert.Equal("knows", step.Drafter));
    }

    [Fact]
    public async Task Generate_None_DraftsNothing()
    {
        GenerationRequest request = Requests.Of(4, 40, draft: 4, drafter: DrafterNames.None);
        var drafter = new FakeDrafter();
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(), drafter);
        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, request);
        Assert.Equal((40, 0, 0), (steps.Count, steps.Sum(step => step.Drafted), drafter.Queries.Count));
    }

    [Fact]
    public async Task Generate_ModelSetToADrafter_ItIsUsedForRequestsThatDoNotSay()
    {
        GenerationRequest request = Requests.Of(4, 20, draft: 4) with { Speculation = new SpeculationOptions { FixedDraftTokens = 3 } };
        var options = new CoordinatorOptions { Drafter = DrafterNames.None, ModelDrafters = { ["test"] = DrafterNames.DraftModel } };
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(), new FakeDrafter(), options);
        Assert.Equal(DrafterNames.DraftModel, (await Requests.StepsAsync(sut, request))[1].Drafter);
    }

    [Fact]
    public async Task Generate_MostDraftTokens_BoundsTheDraft()
    {
        GenerationRequest request = Requests.Of(4, 60);
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline(), new FakeDrafter());
        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, request with { Speculation = request.Speculation with { MostDraftTokens = 2 } });
        Assert.Equal(2, steps.Max(step => step.Drafted));
    }

    [Fact]
    public async Task Generate_PastRequest_ItsTextIsGuessedAgain()
    {
        GenerationRequest request = Requests.Of(30, 60, draft: 6, drafter: DrafterNames.Suffix);
        await using Coordinator sut = await TestCoordinator.StartAsync(new FakePipeline());
        int first = (await Requests.StepsAsync(sut, request)).Count;
        int second = (await Requests.StepsAsync(sut, request)).Count;
        Assert.True(second < first / 2, $"{second} steps after {first}");
    }

    private static Task<Coordinator> StartAsync(params ITokenDrafter[] drafters) => TestCoordinator.StartAsync(new FakePipeline(), drafters);

    private static ScriptedDrafter Knowing(string name, GenerationRequest request)
    {
        int[] text = [.. request.PromptTokens, .. Requests.Expected(request)];
        return new ScriptedDrafter(name, (tokens, draft) =>
        {
            draft.Take(text.AsSpan(tokens.Length), [], []);
            return 0;
        });
    }

    private static int Fill(DraftTree draft, int token, int grade, int count = 8)
    {
        draft.Take(Enumerable.Repeat(token, count).ToArray(), [], []);
        return grade;
    }
}
