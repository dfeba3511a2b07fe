using Winnow.Cluster.Law.Tests.Support;
using Winnow.Tests.Law;
using Xunit.Abstractions;

namespace Winnow.Cluster.Law.Tests;

/// <summary>
/// The law through real processes: the cases of <see cref="CoverCase.All"/> give the tokens, log-probabilities and finish reasons that one process gives
/// without speculation. A cluster serves the pair in one, two and three shards; its gateway is exchanged for every length of prompt chunks.
/// </summary>
public abstract class CoverTests(TestClusterFixture fixture, ReferenceFixture reference, ITestOutputHelper output)
{
    private const int RequestsAlone = 4;

    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(30);

    private static readonly bool Long = Environment.GetEnvironmentVariable("WINNOW_LONG_TESTS") is "1";

    [Theory]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(512)]
    public async Task Tokens_PairwiseCases_EqualTheReference(int chunkTokens)
    {
        // A drafter that is late is left alone for a while, so those cases come last: whoever is asked after them may rightly not be asked.
        CoverCase[] cases = [.. CoverCase.All.Where(c => c.IsHostile == fixture.IsHostile && c.ChunkTokens == chunkTokens).OrderBy(IsLate)];
        await fixture.Cluster.ExchangeGatewayAsync("--Coordinator:PrefillChunkTokens", $"{chunkTokens}");
        await AwaitHostileDrafterAsync(cases);
        foreach (CoverCase cover in cases)
        {
            long began = TimeProvider.System.GetTimestamp();
            await CheckAsync(cover);
            output.WriteLine($"{cover}: {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s");
        }
    }

    private async Task CheckAsync(CoverCase cover)
    {
        TestCluster cluster = fixture.Cluster;
        (LawRequest Request, int[] Prompt)[] requests = Requests(cover);
        var conditions = new RunConditions(TestCluster.ModelOf(cover.Shards), cover.DraftTokens, cover.IsCached);
        int askedBefore = Ask(cover);
        if (cover.IsCached)
        {
            await cluster.Client.RunAsync(conditions, requests, together: true);
        }

        IReadOnlyList<LawOutcome> outcomes;
        long began = TimeProvider.System.GetTimestamp();
        do
        {
            outcomes = await cluster.Client.RunAsync(conditions, requests, cover.IsTogether);
            reference.AssertHolds(outcomes, cover.ToString());
        }
        while (!IsAsked(cover, askedBefore) && TimeProvider.System.GetElapsedTime(began) < ConnectLimit);
        CheckSpeculation(cover, outcomes);
        int cached = outcomes.Sum(outcome => outcome.CachedPromptTokens);
        Assert.True(cover.IsCached ? cached > 0 : cached == 0, $"{cover}: {cached} prompt tokens came from the prefix cache.");
        Assert.True(IsAsked(cover, askedBefore), $"{cover}: the hostile draft worker was asked nothing.");
        IReadOnlyList<int> processes = await cluster.ShardProcessIdsAsync(cover.Shards);
        Assert.True(processes.Count == cover.Shards && processes.Distinct().Count() == cover.Shards, $"{cover}: the shards are in processes {string.Join(", ", processes)}.");
    }

    /// <summary>
    /// Runs small requests until the hostile draft worker has been asked for each model: a new gateway serves without drafts until its stream to the
    /// draft worker stands, which is right, and would leave the first cases without a drafter.
    /// </summary>
    private async Task AwaitHostileDrafterAsync(IReadOnlyList<CoverCase> cases)
    {
        if (fixture.Cluster.Hostile is not { } hostile)
        {
            return;
        }
        hostile.Hostility = Hostility.None;
        foreach (int shards in cases.Select(c => c.Shards).Distinct())
        {
            int askedBefore = hostile.Rounds;
            long began = TimeProvider.System.GetTimestamp();
            while (hostile.Rounds == askedBefore)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(began) < ConnectLimit, $"The hostile draft worker of the model in {shards} shards was not asked within {ConnectLimit}.");
                await fixture.Cluster.Client.RunAsync(new RunConditions(TestCluster.ModelOf(shards), 4, false), [(LawRequest.Mixed[0], reference.Prompts[0])], together: false);
            }
        }
    }

    // On a busy machine any drafter may have been late before, and so be left alone for a while.
    private bool IsAsked(CoverCase cover, int askedBefore) =>
        !cover.IsHostile || cover.DraftTokens is null or 0 || IsLate(cover) || fixture.Cluster.Hostile!.Rounds > askedBefore;

    private static bool IsLate(CoverCase cover) => cover.Drafter == Hostility.Late;

    private static void CheckSpeculation(CoverCase cover, IReadOnlyList<LawOutcome> outcomes)
    {
        int steps = outcomes.Sum(outcome => outcome.Steps);
        int tokens = outcomes.Sum(outcome => outcome.TokenCount);
        int drafted = outcomes.Sum(outcome => outcome.Drafted);
        int accepted = outcomes.Sum(outcome => outcome.Accepted);
        bool isAsExpected = cover.DraftTokens switch
        {
            0 => drafted == 0 && steps == tokens,
            // An adaptive length may well be zero all along: what a round costs through processes that share two cores decides it.
            null => steps == tokens || accepted > 0,
            _ => cover.IsHostile || (accepted > 0 && steps < tokens),
        };
        Assert.True(isAsExpected, $"{cover}: {steps} steps for {tokens} tokens, {accepted} accepted of {drafted} drafted.");
    }

    /// <summary>All sixteen together; alone every fifth, others in every case, unless there is time.</summary>
    private (LawRequest Request, int[] Prompt)[] Requests(CoverCase cover)
    {
        int first = CoverCase.All.ToList().IndexOf(cover);
        IEnumerable<int> indices = cover.IsTogether || Long
            ? Enumerable.Range(0, LawRequest.Mixed.Count)
            : Enumerable.Range(0, RequestsAlone).Select(i => (first + (i * 5)) % LawRequest.Mixed.Count);
        return [.. indices.Select(index => (LawRequest.Mixed[index], reference.Prompts[index]))];
    }

    private int Ask(CoverCase cover)
    {
        if (fixture.Cluster.Hostile is not { } hostile)
        {
            return 0;
        }
        hostile.Hostility = cover.Drafter;
        return hostile.Rounds;
    }
}

/// <summary>The cases with the shipped draft model in a worker process.</summary>
[Collection(ReferenceCollection.Name)]
public sealed class RealDrafterCoverTests(RealDrafterFixture fixture, ReferenceFixture reference, ITestOutputHelper output)
    : CoverTests(fixture, reference, output), IClassFixture<RealDrafterFixture>;

/// <summary>The cases with a draft worker that only means harm.</summary>
[Collection(ReferenceCollection.Name)]
public sealed class HostileDrafterCoverTests(HostileDrafterFixture fixture, ReferenceFixture reference, ITestOutputHelper output)
    : CoverTests(fixture, reference, output), IClassFixture<HostileDrafterFixture>;
