using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Tests.Api;

/// <summary>Answers, whole and streamed.</summary>
public sealed class GenerationTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Chat_Whole_HasTextUsageAndSeed()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("hello there"));

        JsonElement body = await PostAsync(host, "/v1/chat/completions", new { model = ApiHost.Model, seed = 7, messages = User("hi") });

        JsonElement choice = body.GetProperty("choices")[0];
        Assert.Equal("chat.completion", body.GetProperty("object").GetString());
        Assert.Equal("hello there", choice.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(7, body.GetProperty("seed").GetInt64());
        Assert.Equal("fp_test", body.GetProperty("system_fingerprint").GetString());
        Assert.Equal("user:hi;".Length, body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal("hello there".Length + 1, body.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal(4, body.GetProperty("usage").GetProperty("speculation").GetProperty("steps").GetInt32());
    }

    [Fact]
    public async Task Chat_Speculation_IsPassedOnAndAccountedFor()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("hello there"));

        JsonElement body = await PostAsync(host, "/v1/chat/completions",
            new { model = ApiHost.Model, messages = User("hi"), speculation = new { drafter = "suffix", max_tokens = 5, rule = "coupled" } });

        Assert.Equal(new SpeculationOptions { Drafter = "suffix", MostDraftTokens = 5 }, host.Generator.Requests.Single().Speculation);
        Assert.Equal(
            """{"rule":"coupled","steps":4,"drafted":16,"accepted":8,"mean_accept_length":3,"acceptance_by_position":[1,1,0,0],"drafters":{"suffix":{"steps":4,"drafted":16,"accepted":8,"share":1}}}""",
            body.GetProperty("usage").GetProperty("speculation").GetRawText());
    }

    [Theory]
    [InlineData("rejection", AcceptanceRule.Rejection, false)]
    [InlineData("spectr", AcceptanceRule.Spectr, false)]
    [InlineData("rsd", AcceptanceRule.Rsd, false)]
    [InlineData("lossy_typical", AcceptanceRule.LossyTypical, true)]
    public async Task Chat_Rule_IsPassedOnAndNamed(string name, AcceptanceRule rule, bool lossy)
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));

        JsonElement body = await PostAsync(host, "/v1/chat/completions", new { model = ApiHost.Model, messages = User("hi"), speculation = new { rule = name } });

        Assert.Equal(rule, host.Generator.Requests.Single().Sampling.Rule);
        JsonElement usage = body.GetProperty("usage").GetProperty("speculation");
        Assert.Equal(name, usage.GetProperty("rule").GetString());
        Assert.Equal(lossy, usage.TryGetProperty("lossy", out JsonElement value) && value.GetBoolean());
    }

    [Fact]
    public async Task Chat_NoSeed_DrawsOneThatFitsEveryJsonReader()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));

        JsonElement body = await PostAsync(host, "/v1/chat/completions", new { model = ApiHost.Model, messages = User("hi") });

        ulong seed = body.GetProperty("seed").GetUInt64();
        Assert.Equal(seed, host.Generator.Requests.Single().Sampling.Seed);
        Assert.True(seed < 1UL << 53);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("-9223372036854775808")]
    [InlineData("18446744073709551615")]
    public async Task Chat_Seed_WhatComesBackCanBeSentAgain(string seed)
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));

        JsonElement first = await PostAsync(host, "/v1/chat/completions", new { model = ApiHost.Model, messages = User("hi"), seed = JsonDocument.Parse(seed).RootElement });
        await PostAsync(host, "/v1/chat/completions", new { model = ApiHost.Model, messages = User("hi"), seed = first.GetProperty("seed") });

        Assert.Equal(host.Generator.Requests[0].Sampling.Seed, host.Generator.Requests[1].Sampling.Seed);
    }

    [Fact]
    public async Task Chat_Streamed_ChunksJoinToTheTextAndEndWithDone()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("grün & ß"));

        string[] events = await StreamAsync(host, "/v1/chat/completions",
            new { model = ApiHost.Model, stream = true, stream_options = new { include_usage = true }, messages = User("hi") });

        Assert.Equal("[DONE]", events[^1]);
        JsonElement[] chunks = [.. events[..^1].Select(text => JsonDocument.Parse(text).RootElement)];
        Assert.Equal("assistant", chunks[0].GetProperty("choices")[0].GetProperty("delta").GetProperty("role").GetString());
        Assert.Equal("grün & ß", string.Concat(chunks[..^1].Select(DeltaText)));
        Assert.Equal("stop", chunks[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(0, chunks[^1].GetProperty("choices").GetArrayLength());
        Assert.True(chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32() > 0);
    }

    [Fact]
    public async Task Chat_StopString_CutsTextAndTokensBeforeIt()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("abcdefgh"));

        JsonElement body = await PostAsync(host, "/v1/chat/completions", new { model = ApiHost.Model, stop = new[] { "de", "zz" }, return_token_ids = true, messages = User("hi") });

        JsonElement choice = body.GetProperty("choices")[0];
        Assert.Equal("abc", choice.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(5, choice.GetProperty("token_ids").GetArrayLength());
        await host.Generator.Cancelled.Task.WaitAsync(Limit);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Chat_StopString_SameTokensForAnyStepSize(int tokensPerStep)
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("abcdefgh", tokensPerStep));

        JsonElement body = await PostAsync(host, "/v1/chat/completions", new { model = ApiHost.Model, stop = "de", return_token_ids = true, messages = User("hi") });

        Assert.Equal("abcde"u8.ToArray().Select(value => (int)value), body.GetProperty("choices")[0].GetProperty("token_ids").EnumerateArray().Select(id => id.GetInt32()));
        Assert.Equal(5, body.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task Chat_TwoChoices_DifferOnlyInTheChoiceIndex()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("both"));

        JsonElement body = await PostAsync(host, "/v1/chat/completions", new { model = ApiHost.Model, n = 2, seed = 3, messages = User("hi") });

        Assert.Equal(2, body.GetProperty("choices").GetArrayLength());
        Assert.Equal([0, 1], host.Generator.Requests.Select(request => request.Sampling.Choice).Order());
        Assert.All(host.Generator.Requests, request => Assert.Equal(3UL, request.Sampling.Seed));
    }

    [Fact]
    public async Task Chat_Logprobs_HasOneEntryPerTokenWithBytes()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("hey"));

        JsonElement body = await PostAsync(host, "/v1/chat/completions", new { model = ApiHost.Model, logprobs = true, top_logprobs = 2, messages = User("hi") });

        JsonElement content = body.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("content");
        Assert.Equal(4, content.GetArrayLength());
        Assert.Equal("h", content[0].GetProperty("token").GetString());
        Assert.Equal('h', content[0].GetProperty("bytes")[0].GetInt32());
        Assert.Equal(2, content[0].GetProperty("top_logprobs").GetArrayLength());
    }

    [Fact]
    public async Task Completions_SeveralPrompts_IndexChoicesByPrompt()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("out"));

        JsonElement body = await PostAsync(host, "/v1/completions", new { model = ApiHost.Model, prompt = new[] { "a", "bc" }, n = 2, max_tokens = 2 });

        Assert.Equal([0, 1, 2, 3], body.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("index").GetInt32()));
        Assert.All(body.GetProperty("choices").EnumerateArray(), choice => Assert.Equal("length", choice.GetProperty("finish_reason").GetString()));
        Assert.Equal(3, body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task Chat_ClientDisconnects_CancelsTheGeneration()
    {
        var never = new TaskCompletionSource();
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("long text") { Hold = never.Task });
        using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = JsonContent.Create(new { model = ApiHost.Model, stream = true, messages = User("hi") }) };
        HttpResponseMessage response = await host.Client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);

        response.Dispose();

        await host.Generator.Cancelled.Task.WaitAsync(Limit);
    }

    [Fact]
    public async Task Chat_QueueFull_Answers429WithRetryAfterAlsoWhenStreaming()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x") { Refusal = new GenerationException(GenerationErrors.Overloaded, "the queue is full") });

        using HttpResponseMessage response = await host.Client.PostAsJsonAsync("/v1/chat/completions", new { model = ApiHost.Model, stream = true, messages = User("hi") });

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task Chat_StreamBreaks_EndsWithAnErrorEvent()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("some text") { Break = new GenerationException(GenerationErrors.Internal, "the pipeline broke") });

        string[] events = await StreamAsync(host, "/v1/chat/completions", new { model = ApiHost.Model, stream = true, messages = User("hi") });

        JsonElement error = JsonDocument.Parse(events[^1]).RootElement.GetProperty("error");
        Assert.Equal("internal_error", error.GetProperty("code").GetString());
        Assert.Contains("the pipeline broke", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_StreamBreaksUnexpectedly_EndsWithAnErrorEventWithoutItsInnerText()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("some text") { Break = new InvalidOperationException("inner secret") });

        string[] events = await StreamAsync(host, "/v1/chat/completions", new { model = ApiHost.Model, stream = true, messages = User("hi") });

        Assert.Equal("internal_error", JsonDocument.Parse(events[^1]).RootElement.GetProperty("error").GetProperty("code").GetString());
        Assert.DoesNotContain("secret", events[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_IgnoreEos_BansTheEndTokens()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));

        await PostAsync(host, "/v1/chat/completions", new { model = ApiHost.Model, ignore_eos = true, max_tokens = 2, messages = User("hi") });

        GenerationRequest request = host.Generator.Requests.Single();
        Assert.Empty(request.StopTokens);
        Assert.Equal([ByteTokenizer.End], request.Sampling.BannedTokens);
    }

    [Theory]
    [InlineData("/v1/models")]
    [InlineData("/V1/models")]
    [InlineData("/%561/Models")]
    public async Task V1_WithKeys_NeedsOneOfThem(string path)
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"), "--api-key", "secret");

        using HttpResponseMessage without = await host.Client.GetAsync(path);
        host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "wrong");
        using HttpResponseMessage wrong = await host.Client.GetAsync(path);
        host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "secret");
        using HttpResponseMessage right = await host.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
    }

    [Fact]
    public async Task Models_Ready_ListsThemWithTheirContext()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));

        JsonElement body = await host.Client.GetFromJsonAsync<JsonElement>("/v1/models");

        JsonElement model = Assert.Single(body.GetProperty("data").EnumerateArray());
        Assert.Equal(ApiHost.Model, model.GetProperty("id").GetString());
        Assert.Equal(ApiHost.ContextTokens, model.GetProperty("max_model_len").GetInt32());
    }

    [Fact]
    public async Task Metrics_AfterARequest_CountTokensAndLatency()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("count me"));
        await PostAsync(host, "/v1/chat/completions", new { model = ApiHost.Model, messages = User("hi") });

        string text = await host.Client.GetStringAsync("/metrics");

        Assert.Contains($"{GatewayMetrics.GenerationTokens}{{model=\"{ApiHost.Model}\"}}", text, StringComparison.Ordinal);
        Assert.Contains($"{GatewayMetrics.TimeToFirstTokenSeconds}_count", text, StringComparison.Ordinal);
    }

    private static object[] User(string content) => [new { role = "user", content }];

    private static string DeltaText(JsonElement chunk)
        => chunk.GetProperty("choices")[0].GetProperty("delta").TryGetProperty("content", out JsonElement content) ? content.GetString()! : "";

    private static async Task<JsonElement> PostAsync(ApiHost host, string path, object body)
    {
        using HttpResponseMessage response = await host.Client.PostAsJsonAsync(path, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task<string[]> StreamAsync(ApiHost host, string path, object body)
    {
        using HttpResponseMessage response = await host.Client.PostAsJsonAsync(path, body);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        string text = await response.Content.ReadAsStringAsync();
        return [.. SseAnswer.Events(text).Select(item => item.Data)];
    }
}
