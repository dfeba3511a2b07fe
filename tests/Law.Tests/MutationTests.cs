using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Local;
using Winnow.Inference.Cpu;
using Winnow.Inference.Execution;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Law.Tests;

/// <summary>The suite notices when the law is broken: each mutation makes outcomes differ from the reference.</summary>
public sealed class MutationTests(ReferenceFixture reference) : IClassFixture<ReferenceFixture>
{
    [Fact]
    public async Task Tokens_SumReorderedByRowCount_DifferFromTheReference()
        => Assert.True(await DifferencesAsync(new ReorderedKernels(CpuKernels.Best), noiseBySlot: false) > 0);

    [Fact]
    public async Task Tokens_NoiseKeyedByBatchSlot_DifferFromTheReference()
        => Assert.True(await DifferencesAsync(CpuKernels.Best, noiseBySlot: true) > 0);

    [Fact]
    public async Task Tokens_NoMutation_EqualTheReference()
        => Assert.Equal(0, await DifferencesAsync(CpuKernels.Best, noiseBySlot: false));

    private async Task<int> DifferencesAsync(CpuKernels kernels, bool noiseBySlot)
    {
        using ModelFile file = ModelFile.Open(LawModel.TargetPath);
        IShard shard = new CpuBackend(kernels).LoadShard(file, new ShardOptions { KvBlockCount = 1024, ScratchTokens = 64 });
        var engine = new ShardEngine(shard);
        if (noiseBySlot)
        {
            engine.NoiseStreamOf = slot => (uint)slot;
        }
        await using LawModel model = await LawModel.OpenAsync(new FixedReplicaSource(new InProcessPipeline([engine]), null), chunkTokens: 512);
        return reference.Differences(await model.RunAsync(LawRequest.Mixed, draftTokens: 0, prefixCache: false, together: true));
    }
}
