using System.Text;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Local;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using Winnow.Inference.Grammar;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Gateway.Tests.Coordination;

/// <summary>Sequences with grammars in the coordinator: their drafts, their ends, their errors.</summary>
public sealed class GrammarTests
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz0123456789{}\":,[] -.+*\\";
    private const int End = 49;

    private static readonly GrammarVocabulary Texts = new([.. Letters.Select(c => new[] { (byte)c }), []], [End]);

    [Theory]
    [InlineData("abcdefghij", 10)]
    [InlineData("(abcdefghij){2}", 20)]
    public async Task Generate_TextLeavesNoChoice_IsDraftedAndEndsByItself(string pattern, int tokens)
    {
        await using Coordinator sut = await StartAsync();

        (string text, List<GeneratedTokens> steps) = await RunAsync(sut, Request(pattern, DrafterNames.Forced, draftTokens: 8));

        Assert.Equal(tokens, text.Length);
        Assert.Equal(FinishReason.Stop, steps[^1].Finish);
        Assert.All(steps.Where(step => step.Drafted > 0), step => Assert.Equal((DrafterNames.Forced, step.Drafted), (step.Drafter, step.Accepted)));
        Assert.InRange(steps.Count, 2, 1 + (tokens / 8) + 1);
    }

    [Fact]
    public async Task Generate_AutoWithGrammar_ForcesWhatItCan()
    {
        await using Coordinator sut = await StartAsync();

        (string text, List<GeneratedTokens> steps) = await RunAsync(sut, Request("[0-9]{4}-(winnowing|threshing)-[a-c]{3}", DrafterNames.Auto, draftTokens: 6));

        Assert.Matches("^[0-9]{4}-(winnowing|threshing)-[a-c]{3}$", text);
        Assert.Contains(steps, step => step.Drafter == DrafterNames.Forced && step.Accepted > 0);
    }

    [Fact]
    public async Task Generate_CompleteAtTheLastToken_EndsWithStop()
    {
        await using Coordinator sut = await StartAsync();

        (string text, List<GeneratedTokens> steps) = await RunAsync(sut, Request("[a-z]{5}", null, draftTokens: 0) with { MaxTokens = 5 });

        Assert.Equal((5, FinishReason.Stop), (text.Length, steps[^1].Finish));
    }

    [Fact]
    public async Task Generate_EndTokensBanned_StillEndsWhereNothingCanFollow()
    {
        await using Coordinator sut = await StartAsync();
        GenerationRequest request = Request("(ab|abc)", DrafterNames.Forced, draftTokens: 8);

        (string text, List<GeneratedTokens> steps) = await RunAsync(sut, request with { Sampling = request.Sampling with { BannedTokens = [End] } });

        Assert.Equal(("abc", FinishReason.Stop), (text, steps[^1].Finish));
    }

    [Fact]
    public async Task Generate_DraftsOfTheDraftModel_AreCutToTheGrammar()
    {
        var drafter = new InProcessDraftClient(new DraftEngine(new FakeShard(FakeShard.Shape())));
        await using Coordinator sut = await StartAsync(drafter);
        const string Pattern = "[a-m]{30}";

        (string text, List<GeneratedTokens> steps) = await RunAsync(sut, Request(Pattern, DrafterNames.DraftModel, draftTokens: 6));
        (string plain, _) = await RunAsync(sut, Request(Pattern, null, draftTokens: 0));

        // The draft model draws with the target's noise from the target's logits, unmasked: what it drafts is right or refused by the grammar, and then not sent.
        Assert.Equal(plain, text);
        Assert.Equal(steps.Sum(step => step.Drafted), steps.Sum(step => step.Accepted));
    }

    [Fact]
    public async Task Generate_NothingOfTheVocabularyGoesOn_FailsAtOnceWithItsType()
    {
        await using Coordinator sut = await StartAsync();

        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => RunAsync(sut, Request("[a-c]{3}é", null, draftTokens: 0)));

        Assert.Equal(GenerationErrors.GrammarFailed, error.Type);
        Assert.Contains("after '3' tokens", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_WorkerIgnoresTheGrammar_IsNotBelieved()
    {
        var pipeline = new FakePipeline();
        await using Coordinator sut = await TestCoordinator.StartAsync(pipeline);

        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => RunAsync(sut, Request("[*]{40}", null, draftTokens: 0)));

        Assert.Contains("which its grammar refuses", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_CompiledFromAnotherGrammar_IsRefused()
    {
        await using Coordinator sut = await StartAsync();
        GenerationRequest request = Request("a", null, draftTokens: 0);

        await Assert.ThrowsAsync<ArgumentException>(() => RunAsync(sut, request with { Sampling = request.Sampling with { Grammar = null } }));
    }

    private static Task<Coordinator> StartAsync(InProcessDraftClient? drafter = null)
    {
        var engine = new ShardEngine(new FakeShard(FakeShard.Shape()), grammars: new Lazy<GrammarVocabulary>(Texts));
        return TestCoordinator.StartAsync(new FixedReplicaSource(new InProcessPipeline([engine]), drafter));
    }

    private static GenerationRequest Request(string pattern, string? drafter, int draftTokens)
    {
        var source = new GrammarSource(GrammarKind.Regex, pattern);
        return new GenerationRequest
        {
            RequestId = pattern,
            PromptTokens = [1, 2, 3],
            Sampling = new SamplingParameters { Temperature = 1, Seed = 7, Grammar = source },
            Grammar = Texts.Compile(source),
            MaxTokens = 60,
            StopTokens = [End],
            Speculation = new SpeculationOptions { Drafter = drafter, FixedDraftTokens = draftTokens },
        };
    }

    private static async Task<(string Text, List<GeneratedTokens> Steps)> RunAsync(Coordinator coordinator, GenerationRequest request)
    {
        using var limit = new CancellationTokenSource(TestLimits.Patience);
        List<GeneratedTokens> steps = [];
        await foreach (GeneratedTokens step in coordinator.GenerateAsync(request, limit.Token))
        {
            steps.Add(step);
        }
        var text = new StringBuilder();
        foreach (int token in steps.SelectMany(step => step.Tokens).Where(token => token != End))
        {
            text.Append(Letters[token]);
        }
        return (text.ToString(), steps);
    }
}
