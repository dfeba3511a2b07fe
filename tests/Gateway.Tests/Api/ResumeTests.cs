using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination;

namespace Winnow.Gateway.Tests.Api;

/// <summary><c>GET /v1/streams/{id}</c>: the rest of a stream, without gaps or repeats.</summary>
public sealed class ResumeTests
{
    private const string Text = "Grüße, hello there and ENDLESS rest";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly int[] Tokens = [.. Encoding.UTF8.GetBytes(Text).Select(value => (int)value), ByteTokenizer.End];

    private static readonly object OtherRule = new { model = ApiHost.Model, stream = true, prompt = "abc", max_tokens = 60, speculation = new { rule = "rejection" } };

    public static TheoryData<string, object> Bodies => new()
    {
        { "/v1/chat/completions", new { model = ApiHost.Model, stream = true, messages = User("hi") } },
        { "/v1/chat/completions", new { model = ApiHost.Model, stream = true, messages = User("hi"), n = 3, stream_options = new { include_usage = true } } },
        { "/v1/chat/completions", new { model = ApiHost.Model, stream = true, messages = User("hi"), logprobs = true, top_logprobs = 1, return_token_ids = true } },
        { "/v1/chat/completions", new { model = ApiHost.Model, stream = true, messages = User("hi"), stop = "LESS", max_tokens = 60 } },
        { "/v1/completions", new { model = ApiHost.Model, stream = true, prompt = "abc", max_tokens = 60 } },
        { "/v1/completions", new { model = ApiHost.Model, stream = true, prompt = new[] { "abc", "de" }, n = 2, max_tokens = 60, logprobs = 1, stream_options = new { include_usage = true } } },
        { "/v1/completions", new { model = ApiHost.Model, stream = true, prompt = "abc", max_tokens = 9, return_token_ids = true } },
        { "/v1/completions", new { model = ApiHost.Model, stream = true, prompt = "abc", max_tokens = 60, stop = "there", logprobs = 0, return_tokens_as_token_ids = true } },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Resume_AfterAnyEvent_GivesTheRest(string path, object body)
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator(Text));
        (string? Id, string Data)[] events = [.. SseAnswer.Events(await PostAsync(host, path, body))];
        string whole = new SseAnswer().Add(events).Summary;
        Assert.All(events, item => Assert.NotNull(item.Id));

        // The session is behind the client, ahead of it, or at the end; the steps are others than the first time.
        foreach ((int Known, int Step) run in new[] { (0, 3), (4, 1), (9, 7), (Tokens.Length, 5) })
        {
            host.Generator.TokensPerStep = run.Step;
            Checkpoint(host, run.Known);
            for (int last = 0; last < events.Length - 1; last++)
            {
                IReadOnlyList<(string? Id, string Data)> rest = SseAnswer.Events(await GetAsync(host, events[last].Id!));
                SseAnswer together = new SseAnswer().Add(events[..(last + 1)]).Add(rest);
                Assert.True(whole == together.Summary, $"{path} after '{events[last].Id}' with {run}: {together.Summary} is not {whole}");
            }
        }
    }

    [Fact]
    public async Task Resume_WithoutLastEventId_GivesTheWholeStreamAgain()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator(Text));
        string first = await PostAsync(host, "/v1/chat/completions", Bodies.First()[1]);
        Checkpoint(host, 6);

        string second = await GetAsync(host, lastEventId: null);

        Assert.Equal(new SseAnswer().Add(SseAnswer.Events(first)).Summary, new SseAnswer().Add(SseAnswer.Events(second)).Summary);
        JsonElement one = JsonDocument.Parse(SseAnswer.Events(first)[0].Data).RootElement;
        JsonElement other = JsonDocument.Parse(SseAnswer.Events(second)[0].Data).RootElement;
        Assert.All(new[] { "id", "created", "model", "seed" }, name => Assert.Equal(one.GetProperty(name).GetRawText(), other.GetProperty(name).GetRawText()));
    }

    [Fact]
    public async Task Resume_FinishedStream_AsksForNoToken()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator(Text));
        await PostAsync(host, "/v1/chat/completions", Bodies.First()[1]);
        host.Sessions.Checkpoint(0, Tokens, "stop");
        int asked = host.Generator.Requests.Count;

        SseAnswer rest = new SseAnswer().Add(SseAnswer.Events(await GetAsync(host, "7")));

        Assert.True(rest.IsDone);
        Assert.Equal(asked, host.Generator.Requests.Count);
    }

    [Fact]
    public async Task Resume_RunningStream_TakesItOverFromItsTokens()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator(Text));
        await PostAsync(host, "/v1/completions", new { model = ApiHost.Model, stream = true, prompt = "abc", max_tokens = 60, seed = 5, temperature = 0.5, priority = 3 });
        host.Sessions.Checkpoint(0, Tokens[..8]);

        await GetAsync(host, "3");

        GenerationRequest first = host.Generator.Requests[0], second = host.Generator.Requests[1];
        Assert.Equal(Tokens[..8], second.Generated);
        Assert.True(second.TakesOver);
        Assert.Equal(
            JsonSerializer.Serialize(first with { Generated = [], TakesOver = false }), JsonSerializer.Serialize(second with { Generated = [], TakesOver = false }));
    }

    [Fact]
    public async Task Resume_AfterDone_HasNoContent()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));
        string last = SseAnswer.Events(await PostAsync(host, "/v1/chat/completions", Bodies.First()[1]))[^1].Id!;

        using HttpResponseMessage response = await SendAsync(host, host.Sessions.LastId, last);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    [Theory]
    [InlineData("nonsense", 400, "invalid_last_event_id")]
    [InlineData("1.2", 400, "invalid_last_event_id")]
    [InlineData("100000", 400, "invalid_last_event_id")]
    public async Task Resume_BadLastEventId_IsRefused(string lastEventId, int status, string code)
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));
        await PostAsync(host, "/v1/chat/completions", Bodies.First()[1]);

        using HttpResponseMessage response = await SendAsync(host, host.Sessions.LastId, lastEventId);

        Assert.Equal((status, code), ((int)response.StatusCode, await CodeAsync(response)));
    }

    [Theory]
    [InlineData("chatcmpl-0123")]
    [InlineData("other-0123")]
    [InlineData("chatcmpl-..%2F..%2Fetc")]
    public async Task Resume_UnknownId_IsNotFound(string id)
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));

        using HttpResponseMessage response = await SendAsync(host, id, "1");

        Assert.Equal((404, "stream_not_found"), ((int)response.StatusCode, await CodeAsync(response)));
    }

    [Fact]
    public async Task Resume_DamagedSession_IsNotFound()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));
        await PostAsync(host, "/v1/chat/completions", Bodies.First()[1]);
        host.Sessions.Alter(choice => choice with { StreamJson = "{\"Version\":99}" });

        using HttpResponseMessage response = await SendAsync(host, host.Sessions.LastId, "1");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Resume_ModelHasAnotherContent_IsNotResumable()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));
        await PostAsync(host, "/v1/chat/completions", Bodies.First()[1]);
        host.Sessions.Alter(choice => choice with { StreamJson = choice.StreamJson.Replace("\"c1\"", "\"c0\"", StringComparison.Ordinal) });

        using HttpResponseMessage response = await SendAsync(host, host.Sessions.LastId, "0");

        Assert.Equal((409, "stream_not_resumable"), ((int)response.StatusCode, await CodeAsync(response)));
    }

    [Fact]
    public async Task Resume_AnotherKey_IsNotFound()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"), "--Gateway:ApiKeys:0", "one", "--Gateway:ApiKeys:1", "two");
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", "one");
        await PostAsync(host, "/v1/chat/completions", Bodies.First()[1]);

        using HttpResponseMessage own = await SendAsync(host, host.Sessions.LastId, "0");
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", "two");
        using HttpResponseMessage others = await SendAsync(host, host.Sessions.LastId, "0");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (own.StatusCode, others.StatusCode));
    }

    [Theory]
    [InlineData(4, 9)]
    [InlineData(9, 9)]
    public async Task Resume_OtherRule_GoesOnBehindTheSessionInARunOfItsOwn(int told, int kept)
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator(Text));
        SseAnswer whole = new SseAnswer().Add(SseAnswer.Events(await PostAsync(host, "/v1/completions", OtherRule)));
        host.Sessions.Checkpoint(0, Tokens[..kept]);

        await GetAsync(host, $"{told}");

        GenerationRequest run = Assert.Single(host.Sessions.Begun);
        Assert.Equal(Tokens[..kept], run.Generated);
        Assert.Equal((SessionRunStart.NumberAfter(0), true), (host.Generator.Requests[1].Run, whole.IsDone));
    }

    [Fact]
    public async Task Resume_OtherRuleAndAnotherResumeWasFaster_GoesOnBehindThatOnesTokens()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator(Text));
        await PostAsync(host, "/v1/completions", OtherRule);
        host.Sessions.Checkpoint(0, Tokens[..9]);
        long other = SessionRunStart.NumberAfter(0);
        host.Sessions.Beginning = () =>
        {
            host.Sessions.Beginning = null;
            host.Sessions.Checkpoint(0, Tokens[..12], run: other);
        };

        await GetAsync(host, "4");

        GenerationRequest run = Assert.Single(host.Sessions.Begun);
        Assert.Equal((other, 12), (run.Run, run.Generated.Count));
        Assert.Equal((SessionRunStart.NumberAfter(other), 12), (host.Generator.Requests[1].Run, host.Generator.Requests[1].Generated.Count));
    }

    [Fact]
    public async Task Resume_OtherRuleAndASessionThatIsBehind_WaitsForItsTokens()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator(Text));
        await PostAsync(host, "/v1/completions", OtherRule);
        int asked = 0;
        host.Sessions.Asked = () => host.Sessions.Checkpoint(0, Tokens[..Math.Min(9, 3 * asked++)]);

        await GetAsync(host, "8");

        Assert.Equal(Tokens[..9], host.Generator.Requests[^1].Generated);
    }

    [Fact]
    public async Task Resume_OtherRuleAndTokensThatAreLost_SaysFromWhereItCanGoOn()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator(Text));
        await PostAsync(host, "/v1/completions", OtherRule);
        host.Sessions.Checkpoint(0, Tokens[..5]);

        using HttpResponseMessage response = await SendAsync(host, host.Sessions.LastId, "8");

        Assert.Equal((409, "stream_not_resumable"), ((int)response.StatusCode, await CodeAsync(response)));
        Assert.Contains("ask with that as Last-Event-ID", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("'5'", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await GetAsync(host, "5");
    }

    [Fact]
    public async Task Resume_OtherRuleAndNotAdmitted_LeavesTheSessionAsItIs()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator(Text), "--Limits:RequestsPerMinutePerKey", "1");
        await PostAsync(host, "/v1/completions", OtherRule);
        host.Sessions.Checkpoint(0, Tokens[..9]);

        using HttpResponseMessage response = await SendAsync(host, host.Sessions.LastId, "4");

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Empty(host.Sessions.Begun);
    }

    [Fact]
    public async Task Resume_OtherRuleAtTemperatureZero_ComesTwiceLikeAnyOther()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator(Text));
        await PostAsync(host, "/v1/completions", new { model = ApiHost.Model, stream = true, prompt = "abc", temperature = 0, speculation = new { rule = "rejection" } });
        host.Sessions.Checkpoint(0, Tokens[..5]);

        await GetAsync(host, "8");

        Assert.Equal((5, 0L), (host.Generator.Requests[1].Generated.Count, host.Generator.Requests[1].Run));
        Assert.Empty(host.Sessions.Begun);
    }

    [Fact]
    public async Task Stream_FirstEvent_WaitsForTheSession()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));
        var opened = new TaskCompletionSource();
        host.Sessions.Hold = opened.Task;
        Task<string> answer = PostAsync(host, "/v1/chat/completions", Bodies.First()[1]);
        Assert.False(answer.IsCompleted);

        opened.SetResult();

        Assert.True(new SseAnswer().Add(SseAnswer.Events(await answer)).IsDone);
    }

    private static void Checkpoint(ApiHost host, int known)
    {
        for (int choice = 0; choice < host.Sessions.Choices; choice++)
        {
            host.Sessions.Checkpoint(choice, Tokens, known);
        }
    }

    private static object[] User(string text) => [new { role = "user", content = text }];

    private static async Task<string> PostAsync(ApiHost host, string path, object body)
    {
        using HttpResponseMessage response = await host.Client.PostAsJsonAsync(path, body).WaitAsync(Limit);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    private static async Task<string> GetAsync(ApiHost host, string? lastEventId)
    {
        using HttpResponseMessage response = await SendAsync(host, host.Sessions.LastId, lastEventId);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync();
    }

    private static async Task<HttpResponseMessage> SendAsync(ApiHost host, string id, string? lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/streams/{id}");
        _ = lastEventId is null || request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        return await host.Client.SendAsync(request).WaitAsync(Limit);
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage response)
        => JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetProperty("code").GetString();
}
