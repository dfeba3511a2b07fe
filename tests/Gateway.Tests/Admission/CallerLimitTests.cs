using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Winnow.Gateway.Access;
using Winnow.Gateway.Tests.Api;
using Winnow.Tests.Common;

namespace Winnow.Gateway.Tests.Admission;

/// <summary>What a key may take, over HTTP: rates, choices at once, urgency and deadlines, each refused in OpenAI's shape and with the time to wait.</summary>
public sealed class CallerLimitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Requests_OfTwoKeys_EachHasItsOwnRate()
    {
        await using ApiHost host = await StartAsync(new ApiKeyLimits { RequestsPerMinute = 1 });

        using HttpResponseMessage first = await SendAsync(host, "limited");
        using HttpResponseMessage second = await SendAsync(host, "limited");
        using HttpResponseMessage other = await SendAsync(host, "free");

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.OK], [first.StatusCode, second.StatusCode, other.StatusCode]);
        Assert.Equal(("1", "0"), (Header(first, "x-ratelimit-limit-requests"), Header(first, "x-ratelimit-remaining-requests")));
        Assert.Matches(@"^\d+ms$", Header(second, "x-ratelimit-reset-requests"));
        Assert.InRange(second.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.False(other.Headers.Contains("x-ratelimit-limit-requests"));
        JsonElement error = (await second.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error");
        Assert.Equal(("rate_limit_error", "rate_limit_exceeded"), (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()));
        Assert.Contains("'limited'", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_PromptAndGenerated_AreBothTaken()
    {
        // The prompt "hi" is two tokens, or three with a begin token, and the answer has eleven with its end.
        await using ApiHost host = await StartAsync(new ApiKeyLimits { TokensPerMinute = 12 }, name: "metered");

        using HttpResponseMessage first = await SendAsync(host, "metered");
        using HttpResponseMessage second = await SendAsync(host, "metered");
        string metrics = await host.Client.GetStringAsync("/metrics");

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.TooManyRequests], [first.StatusCode, second.StatusCode]);
        Assert.Equal(("12", "0"), (Header(second, "x-ratelimit-limit-tokens"), Header(second, "x-ratelimit-remaining-tokens")));
        Assert.Contains("winnow_key_requests_total{key=\"metered\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("winnow_key_tokens_total{key=\"metered\",kind=\"generated\"} 11", metrics, StringComparison.Ordinal);
        Assert.Matches("winnow_requests_refused_total{reason=\"tokens\"} [1-9]", metrics);
    }

    [Fact]
    public async Task Concurrency_OneMoreThanAllowed_IsRefusedUntilOneEnds()
    {
        var hold = new TaskCompletionSource();
        var generator = new ScriptedGenerator("0123456789") { Hold = hold.Task };
        await using ApiHost host = await StartAsync(new ApiKeyLimits { MaxConcurrent = 2 }, generator);

        using HttpResponseMessage running = await SendAsync(host, "limited", new { model = ApiHost.Model, prompt = "hi", stream = true }, HttpCompletionOption.ResponseHeadersRead);
        using HttpResponseMessage two = await SendAsync(host, "limited", new { model = ApiHost.Model, prompt = "hi", n = 2 });
        hold.SetResult();
        await running.Content.ReadAsStringAsync();
        using HttpResponseMessage after = await SendAsync(host, "limited", new { model = ApiHost.Model, prompt = "hi", n = 2 });

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.TooManyRequests, HttpStatusCode.OK], [running.StatusCode, two.StatusCode, after.StatusCode]);
    }

    [Theory]
    [InlineData("limited", -2, 400)]
    [InlineData("limited", -1, 200)]
    [InlineData("free", -1, 400)]
    [InlineData("free", 7, 200)]
    public async Task Priority_MoreUrgentThanTheKeyMay_IsRefused(string key, int priority, int status)
    {
        var generator = new ScriptedGenerator("x");
        await using ApiHost host = await StartAsync(new ApiKeyLimits { MinPriority = -1 }, generator);

        using HttpResponseMessage response = await SendAsync(host, key, new { model = ApiHost.Model, prompt = "hi", priority });

        Assert.Equal(status, (int)response.StatusCode);
        Assert.True(status != 200 || generator.Requests.Single().Priority == priority);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deadline_BeforeTheFirstToken_IsOverload(bool stream)
    {
        var generator = new ScriptedGenerator("0123456789") { Queue = new TaskCompletionSource().Task, QueueWait = TimeSpan.FromSeconds(17) };
        await using ApiHost host = await ApiHost.StartAsync(generator);

        using HttpResponseMessage response = await host.Client.PostAsJsonAsync("/v1/completions", new { model = ApiHost.Model, prompt = "hi", stream, timeout = 0.05 });

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(17, response.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        Assert.Contains("deadline_exceeded", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await generator.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deadline_BeforeTheLastToken_EndsTheAnswerWithAnError(bool stream)
    {
        var generator = new ScriptedGenerator("0123456789") { Hold = new TaskCompletionSource().Task };
        await using ApiHost host = await ApiHost.StartAsync(generator);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(new { model = ApiHost.Model, prompt = "hi", stream }) };
        request.Headers.Add("X-Request-Timeout", "0.2");

        using HttpResponseMessage response = await host.Client.SendAsync(request);

        Assert.Equal(stream ? HttpStatusCode.OK : HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Contains("deadline_exceeded", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await generator.Cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("soon")]
    [InlineData("1e9")]
    public async Task Deadline_HeaderThatIsNoTime_IsRefused(string value)
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));
        host.Client.DefaultRequestHeaders.Add("X-Request-Timeout", value);

        using HttpResponseMessage response = await host.Client.PostAsJsonAsync("/v1/completions", new { model = ApiHost.Model, prompt = "hi" });

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private async Task<ApiHost> StartAsync(ApiKeyLimits limits, ScriptedGenerator? generator = null, string name = "limited")
    {
        string file = _folder.File("keys.json");
        ApiKeyFile.Write(file, [Key(name, limits), Key("free", null)]);
        return await ApiHost.StartAsync(generator ?? new ScriptedGenerator("0123456789"), "--keys", file);
    }

    private static ApiKey Key(string name, ApiKeyLimits? limits) => new() { Name = name, Sha256 = ApiKey.HashOf(name), Scopes = [ApiScope.Inference], Limits = limits };

    private static Task<HttpResponseMessage> SendAsync(ApiHost host, string key) => SendAsync(host, key, new { model = ApiHost.Model, prompt = "hi" });

    private static Task<HttpResponseMessage> SendAsync(ApiHost host, string key, object body, HttpCompletionOption until = HttpCompletionOption.ResponseContentRead)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return host.Client.SendAsync(request, until);
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();
}
