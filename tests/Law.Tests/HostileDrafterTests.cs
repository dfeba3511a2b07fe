using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Local;
using Winnow.Inference.Cpu;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Law.Tests;

/// <summary>A drafter can only change the speed: whatever it answers, the tokens are those of the reference.</summary>
public sealed class HostileDrafterTests(ReferenceFixture reference) : IClassFixture<ReferenceFixture>
{
    [Theory]
    [InlineData(Hostility.RandomIds)]
    [InlineData(Hostility.IdsOutOfRange)]
    [InlineData(Hostility.EndTokens)]
    [InlineData(Hostility.TooMany)]
    [InlineData(Hostility.None)]
    [InlineData(Hostility.WrongSequences)]
    [InlineData(Hostility.Twice)]
    [InlineData(Hostility.OutOfOrder)]
    [InlineData(Hostility.Stale)]
    [InlineData(Hostility.Throws)]
    [InlineData(Hostility.BadTrees)]
    [InlineData(Hostility.FalseBranches)]
    [InlineData(Hostility.FloodOfBranches)]
    public async Task Tokens_HostileDrafter_EqualTheReference(Hostility hostility)
        => reference.AssertHolds(await RunAsync(hostility, LawRequest.Mixed), hostility.ToString());

    [Fact]
    public async Task Tokens_LateDrafter_EqualTheReference()
        => reference.AssertHolds(await RunAsync(Hostility.Late, [.. LawRequest.Mixed.Take(2)]), "late");

    private static async Task<IReadOnlyList<LawOutcome>> RunAsync(Hostility hostility, IReadOnlyList<LawRequest> requests)
    {
        using ModelFile file = ModelFile.Open(LawModel.TargetPath);
        IShard shard = new CpuBackend().LoadShard(file, new ShardOptions { KvBlockCount = 1024, ScratchTokens = 64 });
        var drafter = new HostileDraftClient(hostility, shard.Spec.VocabularySize);
        var source = new FixedReplicaSource(new InProcessPipeline([new ShardEngine(shard)]), drafter);
        await using LawModel model = await LawModel.OpenAsync(source, chunkTokens: 64, ahead: DraftAheadMode.On, draftDeadlineSeconds: 0.5);
        DraftShape shape = hostility == Hostility.BadTrees ? DraftShape.Tree : DraftShape.Auto;
        return await model.RunAsync(requests, _ => new SpeculationOptions { Drafter = DrafterNames.DraftModel, FixedDraftTokens = 5, Shape = shape }, prefixCache: false, together: true);
    }
}
