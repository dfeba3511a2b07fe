using Winnow.Cluster.Law.Tests.Support;
using Winnow.Inference.Sampling;
using Winnow.Tests.Law;

namespace Winnow.Cluster.Law.Tests;

/// <summary>
/// Streams of a rule under which the same tokens do not come twice, over faults: they complete, and their session has what their client got, never parts of two runs.
/// </summary>
[Collection(ReferenceCollection.Name)]
public sealed class OtherRuleTests
{
    private const int LongAnswer = 200;
    private const int TokensBeforeTheFault = 40;

    private static readonly TestClusterOptions Options = new()
    {
        Shards = [2],
        Targets = 3,
        Silo = ["--Silo:BeatIntervalMs", "250", "--Silo:SuspectAfterMs", "2000", "--Silo:DeadAfterMs", "4000"],
        Gateway = ["--Replica:MaxRetryDelay", "00:00:00.5", "--Gateway:GrpcListen", "http://127.0.0.1:0"],
    };

    private static readonly RunConditions Conditions = new(TestCluster.ModelOf(2), 4, PrefixCache: true, "chain");

    private static readonly LawRequest Request = LawRequest.Mixed[0] with
    {
        Name = "rejection",
        Sampling = new SamplingParameters { Seed = 3, Rule = AcceptanceRule.Rejection },
        MaxTokens = LongAnswer,
        IsEndless = true,
    };

    [Fact]
    public async Task KillTargetThenGoAwayThenKillCoordinator_OtherRule_CompletesAndIsOneStory()
    {
        await using TestCluster cluster = await TestCluster.StartAsync(Options);
        await cluster.AddGatewayAsync();
        IReadOnlyList<int> holders = await cluster.ShardProcessIdsAsync(2);
        await using LawModel model = await LawModel.OpenAsync(shards: 1, chunkTokens: 512);
        int[] prompt = model.Prompt(Request);
        using var forwarded = new ResumingClient(() => [cluster.Gateways[^1]]);
        int phase = 0;

        LawOutcome outcome = await Patience.OnAsync("a stream of another rule", forwarded.RunAsync(Conditions, Request, prompt, first: 0, async soFar =>
        {
            if (soFar.TokenCount >= (phase + 1) * TokensBeforeTheFault)
            {
                await (phase++ switch
                {
                    0 => cluster.KillTargetAsync(holders[1]),
                    // As a client whose connection breaks: it comes back behind the last event that it got.
                    1 => throw new IOException("Gone away."),
                    2 => cluster.KillGatewayAsync(0),
                    _ => Task.CompletedTask,
                });
            }
        }));

        LawOutcome again = await forwarded.ReadAgainAsync(Request, forwarded.LastStream!);
        Assert.True(phase >= 3, $"Only '{phase}' things happened before the end.");
        Assert.Equal((LongAnswer, 1), (outcome.TokenCount, forwarded.Resumes));
        Assert.Equal(outcome.TokensOf(0), again.TokensOf(0));
    }
}
