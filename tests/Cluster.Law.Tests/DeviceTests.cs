using Winnow.Cli.Engine;
using Winnow.Cluster.Law.Tests.Support;
using Winnow.Inference.Sampling;
using Winnow.Tests.Law;

namespace Winnow.Cluster.Law.Tests;

/// <summary>A pipeline whose first shard is on the processor and whose last one runs the device kernels, each in a worker process of its own.</summary>
public sealed class DeviceTests
{
    private const int Tokens = 8;
    private const int LongAnswer = 40;
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

    [LiteDeviceFact]
    public async Task LoseDeviceMidStream_WithASpareWorker_EndsItsWorkerAndGoesOnWithTheSameTokens()
    {
        using var devices = new DeviceLoss();
        await using TestCluster cluster = await TestCluster.StartAsync(new TestClusterOptions { Shards = [2], Targets = 3, Devices = ["ilgpu-cpu"] });
        var request = new LawRequest("lost device", "", SamplingParameters.Greedy with { Logprobs = true }, [], 1) { MaxTokens = LongAnswer, IsEndless = true };
        var conditions = new RunConditions(TestCluster.ModelOf(2), 3, PrefixCache: false);
        IReadOnlyList<int> before = await cluster.ShardProcessIdsAsync(2);
        LawOutcome whole = await cluster.Client.RunAsync(conditions, request, Prompt, stream: false);
        bool lost = false;

        LawOutcome outcome = await cluster.Client.RunAsync(conditions, request, Prompt, stream: true, answer =>
        {
            if (!lost && answer.TokenCount >= Tokens)
            {
                lost = true;
                devices.Lose(before[1]);
            }
            return Task.CompletedTask;
        });

        (int? exitCode, IReadOnlyList<string> lines) = await cluster.EndOfTargetAsync(before[1]);
        IReadOnlyList<int> after = await cluster.ShardProcessIdsAsync(2);
        Assert.Equal(whole.Fingerprint, outcome.Fingerprint);
        Assert.Equal(1, exitCode);
        string line = Assert.Single(lines, line => line.StartsWith("winnow worker: ", StringComparison.Ordinal));
        Assert.Contains("Device 'ilgpu-cpu' failed: ", line, StringComparison.Ordinal);
        Assert.Contains("this worker ends and its shards are placed elsewhere", line, StringComparison.Ordinal);
        Assert.Equal(2, after.Distinct().Count());
        Assert.DoesNotContain(before[1], after);
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
