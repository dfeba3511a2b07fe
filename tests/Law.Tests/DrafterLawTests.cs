using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Local;
using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;

namespace Winnow.Law.Tests;

/// <summary>
/// The law over drafters: sixteen mixed requests give the same tokens whoever drafts, on 1 to 3 shards, adaptive and at fixed lengths, every request with another
/// drafter, and with drafters that are switched in mid-request.
/// </summary>
public sealed class DrafterLawTests(ReferenceFixture reference) : IClassFixture<ReferenceFixture>
{
    private static readonly string[] Names = [.. DrafterNames.All, ChaosDrafter.Chaos];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Tokens_AnyDrafter_EqualTheReference(int shards)
    {
        await using LawModel model = await OpenAsync(shards);
        foreach (string drafter in Names)
        {
            foreach (int? length in new int?[] { 5, null })
            {
                IReadOnlyList<LawOutcome> outcomes = await model.RunAsync(
                    LawRequest.Mixed, _ => new SpeculationOptions { Drafter = drafter, FixedDraftTokens = length }, prefixCache: length is null, together: true);

                reference.AssertHolds(outcomes, $"drafter {drafter}, length {length}, {shards} shards");
                int drafted = outcomes.Sum(outcome => outcome.Drafted);
                Assert.True(length is null || (drafted > 0) == Drafts(drafter, shards), $"{drafter} drafted {drafted} tokens");
            }
        }
    }

    [Theory]
    [InlineData(1, 12)]
    [InlineData(2, 64)]
    [InlineData(3, 30)]
    [InlineData(2, null)]
    public async Task Tokens_TreesOfAnyDrafter_EqualTheReference(int shards, int? nodes)
    {
        await using LawModel model = await OpenAsync(shards);
        foreach (string drafter in Names)
        {
            IReadOnlyList<LawOutcome> outcomes = await model.RunAsync(LawRequest.Mixed,
                index => new SpeculationOptions { Drafter = drafter, FixedDraftTokens = nodes is null || index % 4 != 3 ? nodes : nodes / 3, Shape = index % 5 == 4 ? DraftShape.Auto : DraftShape.Tree },
                prefixCache: shards % 2 == 0, together: true);

            reference.AssertHolds(outcomes, $"trees of drafter {drafter}, {nodes} nodes, {shards} shards");
            int drafted = outcomes.Sum(outcome => outcome.Drafted);
            Assert.True(nodes is null || (drafted > 0) == Drafts(drafter, shards), $"{drafter} drafted {drafted} tokens");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Tokens_AnotherDrafterForEveryRequest_EqualTheReference(int shards)
    {
        await using LawModel model = await OpenAsync(shards);
        for (int shift = 0; shift < Names.Length; shift++)
        {
            IReadOnlyList<LawOutcome> outcomes = await model.RunAsync(LawRequest.Mixed,
                index => new SpeculationOptions { Drafter = Names[(index + shift) % Names.Length], FixedDraftTokens = index % 3 == 0 ? null : 1 + (index % 8), Shape = (DraftShape)((index + shift) % 3) },
                prefixCache: shift % 2 == 0, together: true);

            reference.AssertHolds(outcomes, $"mixed drafters, shift {shift}, {shards} shards");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Tokens_DraftOfAnotherVocabulary_EqualTheReference(int shards)
    {
        await using LawModel model = await OpenAsync(shards, LawModel.ForeignDraftPath);
        foreach (int? length in new int?[] { 1, 4, 8, null })
        {
            IReadOnlyList<LawOutcome> outcomes = await model.RunAsync(LawRequest.Mixed,
                _ => new SpeculationOptions { Drafter = DrafterNames.DraftModel, FixedDraftTokens = length }, prefixCache: length is null, together: true);

            reference.AssertHolds(outcomes, $"draft of another vocabulary, length {length}, {shards} shards");
            Assert.True(length is null || outcomes.Sum(outcome => outcome.Accepted) > 0, $"nothing was accepted at length {length}");
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 0.4)]
    [InlineData(2, 0.8)]
    public async Task Tokens_StopHead_EqualTheReference(int shards, double threshold)
    {
        await using LawModel model = await LawModel.OpenAsync(
            LocalReplica.Load(new LocalReplicaOptions
            {
                ModelPath = LawModel.TargetPath,
                DraftPath = LawModel.DraftPath,
                StopHeadPath = LawModel.StopHeadPath,
                Shards = shards,
                Threads = 1,
                MaxSequences = 32,
            }),
            chunkTokens: 64, stopThreshold: threshold);
        foreach (int? length in new int?[] { 8, null })
        {
            IReadOnlyList<LawOutcome> outcomes = await model.RunAsync(LawRequest.Mixed,
                index => new SpeculationOptions { Drafter = DrafterNames.DraftModel, FixedDraftTokens = length, Shape = index % 4 == 3 ? DraftShape.Tree : DraftShape.Chain },
                prefixCache: length is null, together: true);

            reference.AssertHolds(outcomes, $"stop head, threshold {threshold}, length {length}, {shards} shards");
            Assert.True(outcomes.Sum(outcome => outcome.Accepted) > 0, $"nothing was accepted at threshold {threshold}, length {length}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Tokens_Calibrated_EqualTheReference(int shards)
    {
        await using LawModel model = await OpenAsync(shards, calibrationSeconds: 0.5);
        foreach (int? length in new int?[] { 4, null })
        {
            IReadOnlyList<LawOutcome> outcomes = await model.RunAsync(
                LawRequest.Mixed, _ => new SpeculationOptions { Drafter = length is null ? DrafterNames.Auto : DrafterNames.DraftModel, FixedDraftTokens = length }, prefixCache: length is null, together: true);

            reference.AssertHolds(outcomes, $"calibrated, length {length}, {shards} shards");
            Assert.True(length is null || outcomes.Sum(outcome => outcome.Accepted) > 0, $"nothing was accepted at length {length}");
        }
    }

    private static bool Drafts(string drafter, int shards) => drafter is not (DrafterNames.None or DrafterNames.Forced) && (drafter != DrafterNames.Eagle3 || HasHead(shards));

    // The shipped head reads layers that the last of three shards does not see; its name then drafts nothing.
    private static bool HasHead(int shards) => shards < 3;

    private static Task<LawModel> OpenAsync(int shards, string? draft = null, double calibrationSeconds = 0) => LawModel.OpenAsync(
        LocalReplica.Load(new LocalReplicaOptions
        {
            ModelPath = LawModel.TargetPath,
            DraftPath = draft ?? LawModel.DraftPath,
            HeadPath = HasHead(shards) ? LawModel.HeadPath : null,
            ExitPath = LawModel.ExitPath,
            Shards = shards,
            Threads = 1,
            MaxSequences = 32,
        }),
        chunkTokens: 64,
        vocabularySize => [.. TokenDrafters.CreateAll(vocabularySize), new ChaosDrafter(vocabularySize)],
        calibrationSeconds: calibrationSeconds);
}
