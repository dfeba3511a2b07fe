using System.Diagnostics;
using Winnow.Cli.Links;
using Winnow.Cluster.Law.Tests.Support;
using Winnow.Gateway;
using Winnow.Tests.Law;

namespace Winnow.Cluster.Law.Tests;

/// <summary>Processes die and clients go away in the middle of an answer: the tokens of those that stay are the reference's.</summary>
[Collection(ReferenceCollection.Name)]
public sealed class FaultTests
{
    private const int LongAnswer = 300;
    private const int TokensBeforeTheFault = 12;

    private static readonly TestClusterOptions Options = new()
    {
        Shards = [2],
        Targets = 2,
        Silo = ["--Silo:BeatIntervalMs", "250", "--Silo:SuspectAfterMs", "2000", "--Silo:DeadAfterMs", "4000"],
        Gateway = ["--Replica:MaxRetryDelay", "00:00:00.5", "--Coordinator:DraftAhead", "on"],
    };

    private static readonly string Model = TestCluster.ModelOf(2);

    [Fact]
    public async Task KillDraftWorkerMidStream_Speculating_GoesOnWithTheSameTokens()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(Options);

        IReadOnlyList<LawOutcome> outcomes = await RunWithFaultAsync(cluster, cluster.KillDraftAsync);

        Assert.True(outcomes.Sum(outcome => outcome.Accepted) > 0, "Nothing was accepted before the draft worker died.");
    }

    [Theory]
    [InlineData(0, "chain", 4)]
    [InlineData(1, "tree", 24)]
    public async Task KillTargetWorkerMidStream_WithASpareWorker_GoesOnWithTheSameTokens(int shard, string shape, int draftTokens)
    {
        await using TestCluster cluster = await TestCluster.StartAsync(Options with { Targets = 3 });
        IReadOnlyList<int> before = await cluster.ShardProcessIdsAsync(2);

        await RunWithFaultAsync(cluster, () => cluster.KillTargetAsync(before[shard]), shape, draftTokens);

        IReadOnlyList<int> after = await cluster.ShardProcessIdsAsync(2);
        Assert.True(after.Distinct().Count() == 2 && !after.Contains(before[shard]), $"The shards were in {string.Join(", ", before)}, '{before[shard]}' died, now they are in {string.Join(", ", after)}.");
        Assert.True(await cluster.Client.MetricAsync(GatewayMetrics.ReplicasLost, Model) > 0, "The gateway did not lose its replica: the worker died too late.");
    }

    [Fact]
    public async Task DrainTargetWorkerMidStream_WithASpareWorker_MovesAndGoesOnWithTheSameTokens()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(Options with { Targets = 3 });
        IReadOnlyList<string> before = await cluster.Client.ShardWorkersAsync(Model);

        await RunWithFaultAsync(cluster, async () =>
        {
            await cluster.Client.PostAsync($"/admin/workers/{before[1]}/drain", "");
            await MovedAsync(cluster, now => now.Count == 2 && !now.Contains(before[1]));
        });

        Assert.True(await cluster.Client.MetricAsync(GatewayMetrics.ReplicasLost, Model) > 0, "The gateway did not move.");
    }

    [Fact]
    public async Task ScaleShardsMidStream_BesideTheOldCut_GoesOnWithTheSameTokens()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(Options with { Targets = 3 });

        await RunWithFaultAsync(cluster, async () =>
        {
            await cluster.Client.PostAsync($"/admin/models/{Model}/scale", "{\"shards\": 3}");
            await MovedAsync(cluster, now => now.Count == 3);
        });

        Assert.True(await cluster.Client.MetricAsync(GatewayMetrics.ReplicasLost, Model) > 0, "The gateway did not move.");
    }

    [Fact]
    public async Task JoinMidStream_OfAWorkerWhereOneServedBothShards_GoesOnWithTheSameTokens()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(Options with { Targets = 1, Silo = [.. Options.Silo, "--Silo:PlacementGraceMs", "1000"] });

        await RunWithFaultAsync(cluster, async () =>
        {
            await cluster.AddTargetAsync();
            await MovedAsync(cluster, now => now.Distinct().Count() == 2);
        });

        Assert.True(await cluster.Client.MetricAsync(GatewayMetrics.ReplicasLost, Model) > 0, "The gateway did not move.");
    }

    [Fact]
    public async Task LinksThatBreakMidStream_Speculating_GoOnWithTheSameTokens()
    {
        // Links break every megabyte or so; a break may strike again before every prompt is filled in anew.
        var links = new LinkOptions { Delay = TimeSpan.FromMilliseconds(3), Jitter = TimeSpan.FromMilliseconds(2), Loss = 0.002 };
        await using TestCluster cluster = await TestCluster.StartAsync(Options with { Links = links, Gateway = [.. Options.Gateway, "--Coordinator:MaxRetries", "20"] });

        IReadOnlyList<LawOutcome> outcomes = await RunWithFaultAsync(cluster, () => Task.CompletedTask);

        Assert.True(outcomes.Sum(outcome => outcome.Accepted) > 0, "Nothing was accepted over the links.");
        Assert.True(await cluster.Client.MetricAsync(GatewayMetrics.ReplicasLost, Model) > 0, "No link broke.");
    }

    [Fact]
    public async Task ExchangeGateway_LeaseThatHardlyEnds_IsGivenBackAndServesTheSameTokens()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(Options with { Silo = ["--Silo:LeaseMs", "600000"] });
        var conditions = new RunConditions(Model, 4, PrefixCache: true);
        (LawRequest Request, int[] Prompt)[] requests = await PromptsAsync([.. LawRequest.Mixed.Take(3)]);
        IReadOnlyList<LawOutcome> before = await cluster.Client.RunAsync(conditions, requests, together: true);

        await cluster.ExchangeGatewayAsync();

        IReadOnlyList<LawOutcome> after = await cluster.Client.RunAsync(conditions, requests, together: true);
        Assert.Equal(before.Select(outcome => outcome.Fingerprint), after.Select(outcome => outcome.Fingerprint));
    }

    [Fact]
    public async Task KillTheOnlySilo_LongPastTheEndOfTheLease_ServesTheSameTokensWithoutAPause()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(Options with { Silo = [.. Options.Silo, "--Silo:LeaseMs", "500"] });
        var conditions = new RunConditions(Model, 4, PrefixCache: true);
        (LawRequest Request, int[] Prompt)[] requests = await PromptsAsync([.. LawRequest.Mixed.Take(3)]);
        IReadOnlyList<LawOutcome> before = await cluster.Client.RunAsync(conditions, requests, together: true);

        await cluster.KillSiloAsync();
        IReadOnlyList<LawOutcome> after = before;
        for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(3);)
        {
            after = await cluster.Client.RunAsync(conditions, requests, together: true);
        }

        Assert.Equal(before.Select(outcome => outcome.Fingerprint), after.Select(outcome => outcome.Fingerprint));
        Assert.Equal(0, await cluster.Client.MetricAsync(GatewayMetrics.ReplicasLost, Model));
        using HttpResponseMessage ready = await cluster.Client.Http.GetAsync("/health/ready");
        Assert.True(ready.IsSuccessStatusCode, await ready.Content.ReadAsStringAsync());
    }

    /// <summary>Streams four long answers, lets something happen once the first has begun, and compares all with the reference.</summary>
    private static async Task<IReadOnlyList<LawOutcome>> RunWithFaultAsync(TestCluster cluster, Func<Task> fault, string shape = "auto", int draftTokens = 4)
    {
        LawRequest[] requests = [.. LawRequest.Mixed.Where(request => request is { Choices: 1, Stops.Count: 0 }).Take(4)
            .Select(request => request with { MaxTokens = LongAnswer, IsEndless = true })];
        (LawRequest Request, int[] Prompt)[] prompts = await PromptsAsync(requests);
        var conditions = new RunConditions(Model, draftTokens, PrefixCache: true, shape);
        int begun = 0;
        Task<LawOutcome>[] streams = [.. prompts.Select(item => cluster.Client.RunAsync(conditions, item.Request, item.Prompt, stream: true, async outcome =>
        {
            if (outcome.TokenCount >= TokensBeforeTheFault && Interlocked.Exchange(ref begun, 1) == 0)
            {
                await fault();
                double generated = await cluster.Client.MetricAsync(GatewayMetrics.GenerationTokens, Model);
                Assert.True(generated < prompts.Length * LongAnswer, $"All {generated} tokens were generated before the fault.");
            }
        }))];
        LawOutcome[] outcomes = await Patience.OnAsync("four long answers over a fault", Task.WhenAll(streams));
        await using LawModel model = await LawModel.OpenAsync(shards: 1, chunkTokens: 512);
        IReadOnlyList<LawOutcome> expected = await model.RunAsync(requests, draftTokens: 0, prefixCache: false, together: true);
        Assert.Equal(expected.Select(outcome => outcome.Fingerprint), outcomes.Select(outcome => outcome.Fingerprint));
        return outcomes;
    }

    private static Task MovedAsync(TestCluster cluster, Func<IReadOnlyList<string>, bool> isThere) =>
        Patience.UntilAsync("the shards' new places", () => cluster.Client.ShardWorkersAsync(Model), isThere);

    private static async Task<(LawRequest Request, int[] Prompt)[]> PromptsAsync(IReadOnlyList<LawRequest> requests)
    {
        await using LawModel model = await LawModel.OpenAsync(shards: 1, chunkTokens: 512);
        return [.. requests.Select(request => (request, model.Prompt(request)))];
    }
}
