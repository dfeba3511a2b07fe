using Microsoft.Extensions.Logging.Abstractions;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Local;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Tests.Coordination.Local;

/// <summary>The shipped models, in process: the law holds through the coordinator.</summary>
public sealed class LocalReplicaTests
{
    private static readonly int[] Prompt = Requests.Prompt(24, seed: 3);

    [Fact]
    public async Task Generate_ShippedPair_DraftsShardsAndCompanyChangeNoToken()
    {
        GenerationRequest[] requests = [Request(1, 0), Request(2, 0.8f), Request(3, 1.2f), Request(4, 0.7f)];
        List<int>[] plain = await RunAsync(shards: 1, draft: false, requests, draftTokens: 0, together: false);
        foreach ((int shards, int? draftTokens) in new (int, int?)[] { (1, 4), (2, 1), (3, 8), (2, null) })
        {
            List<int>[] speculated = await RunAsync(shards, draft: true, requests, draftTokens, together: true);
            Assert.Equal(plain, speculated);
        }
    }

    [Fact]
    public void Load_TooManyShards_NamesTheRange()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => LocalReplica.Load(new LocalReplicaOptions { ModelPath = ShippedModels.Target, Shards = 99 }));
        Assert.Contains("'99'", error.Message);
    }

    private static GenerationRequest Request(ulong seed, float temperature) => new()
    {
        RequestId = $"r{seed}",
        PromptTokens = Prompt[..(8 + (4 * (int)seed))],
        Sampling = new SamplingParameters { Temperature = temperature, Seed = seed, TopK = seed == 3 ? 20 : 0, FrequencyPenalty = seed == 4 ? 0.5f : 0 },
        MaxTokens = 16,
    };

    private static async Task<List<int>[]> RunAsync(int shards, bool draft, GenerationRequest[] requests, int? draftTokens, bool together)
    {
        var options = new LocalReplicaOptions
        {
            ModelPath = ShippedModels.Target,
            DraftPath = draft ? ShippedModels.Draft : null,
            Shards = shards,
            KvBlocks = 64,
            MaxSequences = 4,
            Threads = 1,
        };
        var coordinatorOptions = new CoordinatorOptions { PrefillChunkTokens = 7 };
        await using var sut = new Coordinator("local", LocalReplica.Load(options), coordinatorOptions, TimeProvider.System, NullLogger.Instance);
        sut.Start();
        await sut.WaitUntilReadyAsync(CancellationToken.None);
        var outputs = new List<int>[requests.Length];
        var runs = new List<Task>();
        for (int i = 0; i < requests.Length; i++)
        {
            int index = i;
            GenerationRequest request = requests[i] with { Speculation = new SpeculationOptions { FixedDraftTokens = draftTokens } };
            Task run = Task.Run(async () => outputs[index] = await Requests.RunAsync(sut, request));
            runs.Add(run);
            await (together ? Task.CompletedTask : run);
        }
        await Task.WhenAll(runs);
        // Whether an adaptive batch drafts depends on what drafts cost on this machine at this moment.
        Assert.True(draftTokens is null || draftTokens > 0 == sut.Status.Accepted > 0);
        return outputs;
    }
}
