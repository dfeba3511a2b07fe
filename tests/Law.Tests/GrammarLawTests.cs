using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Local;
using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;
using Winnow.Inference.Sampling;

namespace Winnow.Law.Tests;

/// <summary>
/// The law under grammars: sixteen mixed requests, each with a grammar, give the same tokens whoever drafts, on 1 to 3 shards, alone and together; every answer that ends by itself
/// is one.
/// </summary>
public sealed class GrammarLawTests(GrammarReference reference) : IClassFixture<GrammarReference>
{
    private static readonly string[] Drafters =
        [DrafterNames.Forced, DrafterNames.Auto, DrafterNames.DraftModel, DrafterNames.Kangaroo, DrafterNames.Suffix, ChaosDrafter.Chaos];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Tokens_WithGrammars_EqualTheReference(int shards)
    {
        await using LawModel model = await OpenAsync(shards);
        foreach (string drafter in Drafters)
        {
            foreach (int? length in new int?[] { 5, null })
            {
                IReadOnlyList<LawOutcome> outcomes = await model.RunAsync(GrammarRequests.All,
                    index => new SpeculationOptions { Drafter = drafter, FixedDraftTokens = length, Shape = (DraftShape)(index % 3) }, prefixCache: length is null, together: true);

                reference.AssertHolds(outcomes, $"drafter {drafter}, length {length}, {shards} shards");
                int drafted = outcomes.Sum(outcome => outcome.Drafted);
                Assert.True(length is null || drafted > 0, $"{drafter} drafted {drafted} tokens");
            }
        }
    }

    [Fact]
    public async Task Forced_OfGrammarsWithFixedText_SavesSteps()
    {
        await using LawModel model = await OpenAsync(1);
        IReadOnlyList<LawOutcome> outcomes = await model.RunAsync(
            GrammarRequests.All, _ => new SpeculationOptions { Drafter = DrafterNames.Forced, FixedDraftTokens = 16 }, prefixCache: false, together: false);

        reference.AssertHolds(outcomes, "forced, alone");
        (int drafted, int accepted) = (outcomes.Sum(outcome => outcome.Drafted), outcomes.Sum(outcome => outcome.Accepted));
        Assert.True(accepted > drafted / 3 && accepted > 100, $"{accepted} accepted of {drafted} drafted");
    }

    [Theory]
    [InlineData(AcceptanceRule.Rejection)]
    [InlineData(AcceptanceRule.Spectr)]
    [InlineData(AcceptanceRule.Rsd)]
    [InlineData(AcceptanceRule.LossyTypical)]
    public async Task OtherRules_WithGrammars_GiveAnswers(AcceptanceRule rule)
    {
        await using LawModel model = await OpenAsync(2);
        LawRequest[] requests = [.. GrammarRequests.All.Select(request => request with { Sampling = request.Sampling with { Rule = rule } })];

        IReadOnlyList<LawOutcome> outcomes = await model.RunAsync(
            requests, index => new SpeculationOptions { Drafter = index % 2 == 0 ? DrafterNames.DraftModel : DrafterNames.Auto, FixedDraftTokens = 4 }, prefixCache: false, together: true);

        Assert.True(GrammarReference.CountAnswers(model, outcomes) > 0);
    }

    private static Task<LawModel> OpenAsync(int shards) => LawModel.OpenAsync(
        LocalReplica.Load(new LocalReplicaOptions
        {
            ModelPath = LawModel.TargetPath,
            DraftPath = LawModel.DraftPath,
            ExitPath = LawModel.ExitPath,
            Shards = shards,
            Threads = 1,
            MaxSequences = 32,
        }), chunkTokens: 16, vocabularySize => [.. TokenDrafters.CreateAll(vocabularySize), new ChaosDrafter(vocabularySize)]);
}

/// <summary>The truth of the requests with grammars: each alone, without speculation.</summary>
public sealed class GrammarReference : IAsyncLifetime
{
    private Dictionary<string, string> _fingerprints = [];

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await using LawModel model = await LawModel.OpenAsync(shards: 1, chunkTokens: 512);
        IReadOnlyList<LawOutcome> outcomes = await model.RunAsync(GrammarRequests.All, draftTokens: 0, prefixCache: false, together: false);
        _fingerprints = outcomes.ToDictionary(outcome => outcome.Request.Name, outcome => outcome.Fingerprint, StringComparer.Ordinal);
        int answers = CountAnswers(model, outcomes);
        Assert.True(answers > outcomes.Count / 2, $"only {answers} answers ended by themselves");
    }

    /// <inheritdoc />
    public Task DisposeAsync() => Task.CompletedTask;

    /// <summary>Every outcome equals the truth.</summary>
    public void AssertHolds(IReadOnlyList<LawOutcome> outcomes, string conditions) => Assert.All(outcomes, outcome =>
        Assert.True(_fingerprints[outcome.Request.Name] == outcome.Fingerprint, $"{conditions}:\nexpected {_fingerprints[outcome.Request.Name]}\nactual   {outcome.Fingerprint}"));

    /// <summary>Checks every answer that ended by itself and counts them.</summary>
    public static int CountAnswers(LawModel model, IReadOnlyList<LawOutcome> outcomes)
    {
        int count = 0;
        foreach (LawOutcome outcome in outcomes)
        {
            for (int choice = 0; choice < outcome.Request.Choices; choice++)
            {
                if (outcome.FinishOf(choice) == "stop")
                {
                    string text = model.Decode(outcome.TokensOf(choice));
                    Assert.True(GrammarRequests.IsAnswer(outcome.Request, text), $"{outcome.Request.Name} answered '{text}'");
                    count++;
                }
            }
        }
        return count;
    }
}
