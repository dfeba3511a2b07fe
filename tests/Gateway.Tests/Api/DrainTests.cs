using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Winnow.Gateway.Tests.Api;

/// <summary>A gateway that is told to stop.</summary>
public sealed class DrainTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Begin_RunningStream_EndsWhileNewRequestsAreRefused()
    {
        var hold = new TaskCompletionSource();
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("hello there") { Hold = hold.Task });
        using HttpResponseMessage running = await StreamAsync(host);

        host.Drain.Begin();

        using HttpResponseMessage refused = await StreamAsync(host);
        using HttpResponseMessage ready = await host.Client.GetAsync("/health/ready");
        using HttpResponseMessage live = await host.Client.GetAsync("/health/live");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "draining"), (refused.StatusCode, Code(await refused.Content.ReadAsStringAsync())));
        // Nobody else serves the model: when this one has gone, another may be there.
        await RefusedForAsync(host, 40, 47);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("draining", JsonDocument.Parse(await ready.Content.ReadAsStringAsync()).RootElement.GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        hold.SetResult();
        Assert.True(new SseAnswer().Add(SseAnswer.Events(await running.Content.ReadAsStringAsync().WaitAsync(Limit))).IsDone);
        await host.Stopped.WaitAsync(Limit);
    }

    [Fact]
    public async Task Begin_StreamBeyondTheLimit_EndsWithAnErrorEventAfterItsLastId()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("hello there") { Hold = new TaskCompletionSource().Task }, "--Gateway:DrainSeconds", "0");
        using HttpResponseMessage running = await StreamAsync(host);

        host.Drain.Begin();

        IReadOnlyList<(string? Id, string Data)> events = SseAnswer.Events(await running.Content.ReadAsStringAsync().WaitAsync(Limit));
        Assert.Equal((null, "draining"), (events[^1].Id, Code(events[^1].Data)));
        Assert.Equal("3", events[^2].Id);
        await host.Stopped.WaitAsync(Limit);
    }

    [Fact]
    public async Task Begin_NothingRuns_StopsAtOnce()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));

        host.Drain.Begin();

        await host.Stopped.WaitAsync(Limit);
    }

    private static async Task RefusedForAsync(ApiHost host, int least, int most)
    {
        using var limit = new CancellationTokenSource(Limit);
        double seconds = 0;
        // A second until it is known that nobody else serves the model.
        while (seconds <= 1)
        {
            limit.Token.ThrowIfCancellationRequested();
            using HttpResponseMessage refused = await StreamAsync(host);
            seconds = refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds;
        }
        Assert.InRange(seconds, least, most);
    }

    private static async Task<HttpResponseMessage> StreamAsync(ApiHost host)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = JsonContent.Create(new { model = ApiHost.Model, stream = true, prompt = "abc", max_tokens = 60 }) };
        return await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Limit);
    }

    private static string? Code(string body) => JsonDocument.Parse(body).RootElement.GetProperty("error").GetProperty("code").GetString();
}
