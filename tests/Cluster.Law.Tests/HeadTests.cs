using Winnow.Cluster.Law.Tests.Support;
using Winnow.Inference.Drafting;
using Winnow.Tests.Law;

namespace Winnow.Cluster.Law.Tests;

/// <summary>
/// The drafters that live in the target's own workers, and grammars, which its last worker follows: the early exit on the first shard, which also tells the draft model what to prepare for, and the trained head on the last.
/// </summary>
[Collection(ReferenceCollection.Name)]
public sealed class HeadTests(HeadFixture fixture, ReferenceFixture reference) : IClassFixture<HeadFixture>
{
    [Theory]
    [InlineData(DrafterNames.Kangaroo, 1)]
    [InlineData(DrafterNames.Kangaroo, 5)]
    [InlineData(DrafterNames.Eagle3, 4)]
    [InlineData(DrafterNames.Eagle3, 16, "tree")]
    [InlineData(DrafterNames.DraftModel, 4)]
    public async Task Tokens_DraftedInTheTargetsWorkers_EqualTheReference(string drafter, int draftTokens, string shape = "auto")
    {
        var conditions = new RunConditions(TestCluster.ModelOf(2), draftTokens, PrefixCache: draftTokens > 1, shape, drafter);
        (LawRequest, int[])[] requests = [.. LawRequest.Mixed.Select((request, index) => (request, reference.Prompts[index]))];

        IReadOnlyList<LawOutcome> outcomes = await fixture.Cluster.Client.RunAsync(conditions, requests, together: true);

        reference.AssertHolds(outcomes, $"{drafter}, length {draftTokens}");
        int accepted = outcomes.Sum(outcome => outcome.Accepted);
        int drafted = outcomes.Sum(outcome => outcome.Drafted);
        Assert.True(accepted > drafted / 10, $"{drafter}, length {draftTokens}: {accepted} accepted of {drafted} drafted.");
    }

    [Fact]
    public async Task Tokens_WithGrammars_EqualThoseOfOneProcessWithoutDrafts()
    {
        await using LawModel model = await LawModel.OpenAsync(shards: 1, chunkTokens: 512);
        IReadOnlyList<LawOutcome> expected = await model.RunAsync(GrammarRequests.All, draftTokens: 0, prefixCache: false, together: true);
        (LawRequest, int[])[] requests = [.. GrammarRequests.All.Select(request => (request, model.Prompt(request)))];
        foreach (string drafter in (string[])[DrafterNames.Forced, DrafterNames.Auto, DrafterNames.Kangaroo])
        {
            var conditions = new RunConditions(TestCluster.ModelOf(2), 5, PrefixCache: true, Drafter: drafter);

            IReadOnlyList<LawOutcome> outcomes = await fixture.Cluster.Client.RunAsync(conditions, requests, together: true);

            Assert.Equal(expected.Select(outcome => outcome.Fingerprint), outcomes.Select(outcome => outcome.Fingerprint));
            Assert.True(outcomes.Sum(outcome => outcome.Accepted) > 0, $"{drafter}: nothing was accepted.");
        }
    }
}

/// <summary>Two target workers, and the target in two shards with its head and its early exit.</summary>
public sealed class HeadFixture : IAsyncLifetime
{
    private TestCluster? _cluster;

    internal TestCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster has not been started.");

    /// <inheritdoc />
    public async Task InitializeAsync() => _cluster = await TestCluster.StartAsync(new TestClusterOptions
    {
        Shards = [2],
        Targets = 2,
        Silo = ["--Silo:Models:0:HeadPath", LawModel.HeadPath, "--Silo:Models:0:ExitPath", LawModel.ExitPath],
        Gateway = ["--Coordinator:DraftAhead", "on", "--Coordinator:MirrorCandidates", "3"],
    });

    /// <inheritdoc />
    public Task DisposeAsync() => _cluster?.DisposeAsync().AsTask() ?? Task.CompletedTask;
}
