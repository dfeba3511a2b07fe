using Winnow.Cli.Engine;
using Winnow.Cluster.Law.Tests.Support;
using Winnow.Inference.Sampling;
using Winnow.Tests.Law;

namespace Winnow.Cluster.Law.Tests;

/// <summary>A pipeline whose first shard is on the processor and whose last one runs the device kernels, each in a worker process of its own.</summary>
public sealed class DeviceTests
{
    private const int Tokens = 8;
    private static readonly int[] Prompt = [1, 17, 230, 41, 98];

    [Fact]
    public async Task Tokens_AProcessorShardAndADeviceShard_AreTheProcessorsButForNearTies()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(new TestClusterOptions { Shards = [2], Targets = 2, Devices = ["cpu", "ilgpu-cpu"] });
        var request = new LawRequest("devices", "", SamplingParameters.Greedy with { Logprobs = true }, [], 1) { MaxTokens = Tokens, IsEndless = true };

        LawOutcome plain = await cluster.Client.RunAsync(new RunConditions(TestCluster.ModelOf(2), 0, PrefixCache: false), request, Prompt, stream: true);
        LawOutcome drafted = await cluster.Client.RunAsync(new RunConditions(TestCluster.ModelOf(2), 3, PrefixCache: false), request, Prompt, stream: false);

        Assert.Equal(Tokens, plain.TokenCount);
        Assert.Equal(plain.Fingerprint, drafted.Fingerprint);
        Assert.Equal(2, (await cluster.ShardProcessIdsAsync(2)).Distinct().Count());
        Assert.Equal(["cpu", "ilgpu"], (await cluster.ShardBackendsAsync(2)).Order());
        AssertNearTiesAtMost(plain.TokensOf(0));
    }

    // Where the processor alone would choose another token, it finds both nearly as likely.
    private static void AssertNearTiesAtMost(IReadOnlyList<int> tokens)
    {
        using var processor = new TeacherForcing(new EngineOptions { ModelPath = LawModel.TargetPath, Threads = 1 }, Prompt.Length + Tokens);
        int[] next = Prompt;
        foreach (int token in tokens)
        {
            float[] logits = processor.Next(next);
            Assert.InRange(logits.Max() - logits[token], 0, DeviceComparison.DefaultNearTie);
            next = [token];
        }
    }
}
