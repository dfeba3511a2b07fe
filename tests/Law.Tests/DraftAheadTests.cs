using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Local;

namespace Winnow.Law.Tests;

/// <summary>The law with a draft model that drafts ahead: what it prepared and what was never asked for changes no token.</summary>
public sealed class DraftAheadTests(ReferenceFixture reference) : IClassFixture<ReferenceFixture>
{
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task Tokens_DraftAheadOnOrOff_EqualTheReference(int shards, bool prefixCache)
    {
        foreach (DraftAheadMode mode in Enum.GetValues<DraftAheadMode>())
        {
            LocalReplica replica = LocalReplica.Load(new LocalReplicaOptions
            {
                ModelPath = LawModel.TargetPath,
                DraftPath = LawModel.DraftPath,
                Shards = shards,
                Threads = 1,
                MaxSequences = 32,
            });
            await using LawModel model = await LawModel.OpenAsync(replica, chunkTokens: 64, ahead: mode);
            foreach (int? length in new int?[] { 1, 6, null })
            {
                IReadOnlyList<LawOutcome> outcomes = await model.RunAsync(LawRequest.Mixed,
                    _ => new SpeculationOptions { Drafter = "draft_model", FixedDraftTokens = length }, prefixCache, together: true);

                reference.AssertHolds(outcomes, $"draft ahead {mode}, length {length}, {shards} shards");
            }
            Assert.True(mode == DraftAheadMode.Auto || (model.Status!.AheadHits > 0) == (mode == DraftAheadMode.On), $"{mode}: {model.Status!.AheadHits} hits");
        }
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 8)]
    public async Task Tokens_EarlyExitTellsTheDraftModelWhatItExpects_EqualTheReference(int shards, int candidates)
    {
        LocalReplica replica = LocalReplica.Load(new LocalReplicaOptions
        {
            ModelPath = LawModel.TargetPath,
            DraftPath = LawModel.DraftPath,
            ExitPath = LawModel.ExitPath,
            Shards = shards,
            Threads = 1,
            MaxSequences = 32,
        });
        await using LawModel model = await LawModel.OpenAsync(replica, chunkTokens: 64, ahead: DraftAheadMode.On, mirror: candidates);
        foreach (int? length in new int?[] { 4, null })
        {
            IReadOnlyList<LawOutcome> outcomes = await model.RunAsync(LawRequest.Mixed,
                _ => new SpeculationOptions { Drafter = "draft_model", FixedDraftTokens = length }, prefixCache: true, together: true);

            reference.AssertHolds(outcomes, $"mirror of {candidates}, length {length}, {shards} shards");
        }
        Assert.True(model.Status!.AheadHits > 0);
    }
}
