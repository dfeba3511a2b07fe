using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Winnow.Cluster.Law.Tests.Support;
using Winnow.Gateway;
using Winnow.Tests.Law;

namespace Winnow.Cluster.Law.Tests;

/// <summary>Requests that join and leave a running batch, and what the API makes of the choices, stops and log-probabilities.</summary>
[Collection(ReferenceCollection.Name)]
public sealed class BatchTests(BatchFixture fixture, ReferenceFixture reference) : IClassFixture<BatchFixture>
{
    private const int Leavers = 8;
    private const int TokensBeforeLeaving = 5;
    private const int LongAnswer = 800;
    private const int MostStepsToNotice = 40;

    private static readonly string Model = TestCluster.ModelOf(2);

    private ClusterClient Client => fixture.Cluster.Client;

    [Fact]
    public async Task Tokens_RequestsJoinAndLeaveARunningBatch_EqualTheReference()
    {
        var conditions = new RunConditions(Model, null, PrefixCache: true);
        Task[] leavers = [.. Enumerable.Range(0, Leavers).Select(index => LeaveAsync(LawRequest.Mixed[index], reference.Prompts[index]))];
        var running = new List<Task<LawOutcome>>();
        for (int i = 0; i < LawRequest.Mixed.Count; i++)
        {
            // Each joins when the one before has its first tokens.
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            running.Add(Client.RunAsync(conditions, LawRequest.Mixed[i], reference.Prompts[i], stream: true, _ =>
            {
                begun.TrySetResult();
                return Task.CompletedTask;
            }));
            await Task.WhenAny(begun.Task, running[i]).WaitAsync(Patience.Limit);
        }

        LawOutcome[] outcomes = await Patience.OnAsync("sixteen requests that joined a running batch", Task.WhenAll(running));

        reference.AssertHolds(outcomes, "joining one by one");
        await Task.WhenAll(leavers);
        await UntilIdleAsync();
    }

    [Fact]
    public async Task Disconnect_MidStream_FreesTheSlotSoon()
    {
        await UntilIdleAsync();

        await LeaveAsync(LawRequest.Mixed[0], reference.Prompts[0]);
        double stepsAtLeaving = await Client.MetricAsync(GatewayMetrics.Steps, Model);
        await UntilIdleAsync();

        double steps = await Client.MetricAsync(GatewayMetrics.Steps, Model) - stepsAtLeaving;
        Assert.True(steps < MostStepsToNotice, $"{steps} steps were sent after the client had gone; the answer had {LongAnswer} tokens to go.");
    }

    [Fact]
    public async Task Stop_TextOfTheAnswer_EndsBeforeIt()
    {
        string whole = (await CompleteAsync(new JsonObject { ["temperature"] = 0 })).GetProperty("text").GetString()!;
        string stop = whole.Substring(whole.Length / 2, 6);

        JsonElement stopped = await CompleteAsync(new JsonObject { ["temperature"] = 0, ["stop"] = stop });

        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], stopped.GetProperty("text").GetString());
        Assert.Equal("stop", stopped.GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task Choices_TwoWithOneSeed_FirstIsThatOfOneAndSecondDiffers()
    {
        string one = (await CompleteAsync(new JsonObject { ["temperature"] = 1, ["seed"] = 5 })).GetProperty("text").GetString()!;

        JsonElement two = await PostAsync(new JsonObject { ["temperature"] = 1, ["seed"] = 5, ["n"] = 2 });

        Assert.Equal([0, 1], two.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.Equal(one, two.GetProperty("choices")[0].GetProperty("text").GetString());
        Assert.NotEqual(one, two.GetProperty("choices")[1].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Logprobs_SpeculationOffAndOn_AreTheSameAndBeginWithTheGreedyToken()
    {
        JsonElement off = (await CompleteAsync(Asked(0))).GetProperty("logprobs");
        JsonElement on = (await CompleteAsync(Asked(6))).GetProperty("logprobs");

        Assert.Equal(off.GetRawText(), on.GetRawText());
        string[] tokens = [.. off.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!)];
        for (int i = 0; i < tokens.Length; i++)
        {
            JsonProperty[] top = [.. off.GetProperty("top_logprobs")[i].EnumerateObject()];
            Assert.Equal(5, top.Length);
            Assert.Equal(tokens[i], top.MaxBy(entry => entry.Value.GetSingle()).Name);
            Assert.Equal(off.GetProperty("token_logprobs")[i].GetSingle(), top.Max(entry => entry.Value.GetSingle()));
        }

        static JsonObject Asked(int draftTokens) => new()
        {
            ["temperature"] = 0,
            ["logprobs"] = 5,
            ["return_tokens_as_token_ids"] = true,
            ["speculation"] = new JsonObject { ["drafter"] = "draft_model", ["draft_tokens"] = draftTokens },
        };
    }

    /// <summary>Begins a long answer without drafts and goes away after its first tokens.</summary>
    private async Task LeaveAsync(LawRequest request, int[] prompt)
    {
        LawRequest endless = request with { MaxTokens = LongAnswer, IsEndless = true, Stops = [] };
        await Assert.ThrowsAsync<OperationCanceledException>(() => Client.RunAsync(
            new RunConditions(Model, 0, PrefixCache: false), endless, prompt, stream: true,
            outcome => outcome.TokenCount < TokensBeforeLeaving ? Task.CompletedTask : throw new OperationCanceledException("seen enough")));
    }

    private Task UntilIdleAsync()
        => Patience.UntilAsync("a batch without sequences", () => Client.MetricAsync(GatewayMetrics.RequestsRunning, Model), running => running == 0);

    private async Task<JsonElement> CompleteAsync(JsonObject fields) => (await PostAsync(fields)).GetProperty("choices")[0];

    private async Task<JsonElement> PostAsync(JsonObject fields)
    {
        fields["model"] = Model;
        fields["prompt"] = new JsonArray([.. reference.Prompts[0].Select(id => (JsonNode)id)]);
        fields["max_tokens"] = 40;
        using HttpResponseMessage response = await Client.Http.PostAsJsonAsync("/v1/completions", fields);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}

/// <summary>Two target workers, a draft worker, and the pair in two shards.</summary>
public sealed class BatchFixture : IAsyncLifetime
{
    private TestCluster? _cluster;

    internal TestCluster Cluster => _cluster ?? throw new InvalidOperationException("The cluster has not been started.");

    /// <inheritdoc />
    public async Task InitializeAsync() => _cluster = await TestCluster.StartAsync(new TestClusterOptions { Shards = [2], Targets = 2 });

    /// <inheritdoc />
    public Task DisposeAsync() => _cluster?.DisposeAsync().AsTask() ?? Task.CompletedTask;
}
