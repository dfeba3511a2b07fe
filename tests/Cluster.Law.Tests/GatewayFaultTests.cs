using Winnow.Cluster.Law.Tests.Support;
using Winnow.Tests.Law;

namespace Winnow.Cluster.Law.Tests;

/// <summary>Gateways die, leave, or everything does, in the middle of streams: clients that come back to any gateway get the reference's tokens.</summary>
[Collection(ReferenceCollection.Name)]
public sealed class GatewayFaultTests
{
    private const int LongAnswer = 300;
    private const int TokensBeforeTheFault = 12;

    private static readonly TestClusterOptions Options = new()
    {
        Shards = [2],
        Targets = 2,
        Gateway = ["--Replica:MaxRetryDelay", "00:00:00.5", "--Gateway:GrpcListen", "http://127.0.0.1:0"],
    };

    private static readonly RunConditions Conditions = new(TestCluster.ModelOf(2), 4, PrefixCache: true);

    [Fact]
    public async Task KillCoordinatingGatewayMidStream_ClientsOfBoth_GoOnWithTheSameTokens()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(Options);
        await cluster.AddGatewayAsync();

        int resumes = await RunWithFaultAsync(cluster, () => cluster.KillGatewayAsync(0));

        // Those of the other gateway are forwarded and notice nothing.
        Assert.Equal(2, resumes);
    }

    [Fact]
    public async Task KillForwardingGatewayMidStream_ItsClients_GoOnWithTheSameTokens()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(Options);
        await cluster.AddGatewayAsync();

        Assert.Equal(2, await RunWithFaultAsync(cluster, () => cluster.KillGatewayAsync(1)));
    }

    [Fact]
    public async Task KillEverythingMidStream_RestartedOnTheSameData_GoesOnWithTheSameTokens()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(Options);

        Assert.Equal(4, await RunWithFaultAsync(cluster, cluster.KillAllAndStartAgainAsync));
    }

    [Fact]
    public async Task ReplaceEveryProcess_OneAfterTheOtherUnderLoad_LosesNothing()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(Options);
        await cluster.AddGatewayAsync();
        (string Name, Func<Task> Replace)[] turns =
        [
            ("gateway", cluster.ReplaceGatewayAsync), ("target", cluster.ReplaceTargetAsync), ("draft", cluster.ReplaceDraftAsync), ("silo", cluster.ReplaceSiloAsync),
            ("gateway", cluster.ReplaceGatewayAsync), ("target", cluster.ReplaceTargetAsync),
        ];

        // Each in the middle of streams of its own: no answer may be over before its process is.
        foreach ((string name, Func<Task> replace) in turns)
        {
            Task replacing = Task.CompletedTask;
            await RunWithFaultAsync(cluster, () => replacing = replace());
            Assert.True(replacing.IsCompletedSuccessfully, $"The {name} was not replaced.");
        }
    }

    /// <summary>Streams four long answers, by turns at one gateway and the other, lets something happen once the first has begun, and compares all with the reference.</summary>
    private static async Task<int> RunWithFaultAsync(TestCluster cluster, Func<Task> fault)
    {
        LawRequest[] requests = [.. LawRequest.Mixed.Where(request => request.Stops.Count == 0).Take(4).Select(request => request with { MaxTokens = LongAnswer, IsEndless = true })];
        await using LawModel model = await LawModel.OpenAsync(shards: 1, chunkTokens: 512);
        using var client = new ResumingClient(() => cluster.Gateways);
        Task? happening = null;
        var begun = new bool[requests.Length];
        Task<LawOutcome>[] streams = [.. requests.Select((request, index) => client.RunAsync(Conditions, request, model.Prompt(request), index, outcome =>
        {
            lock (begun)
            {
                begun[index] |= outcome.TokenCount >= TokensBeforeTheFault;
                happening ??= begun.All(has => has) ? Task.Run(fault) : null;
            }
            return Task.CompletedTask;
        }))];
        LawOutcome[] outcomes = await Patience.OnAsync("four long answers over a fault", Task.WhenAll(streams));
        await (happening ?? throw new InvalidOperationException("The answers ended before all had begun."));
        IReadOnlyList<LawOutcome> expected = await model.RunAsync(requests, draftTokens: 0, prefixCache: false, together: true);
        Assert.Equal(expected.Select(outcome => outcome.Fingerprint), outcomes.Select(outcome => outcome.Fingerprint));
        return client.Resumes;
    }
}
