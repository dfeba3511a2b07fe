using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Winnow.Hosting;
using Winnow.Tests.Common;

namespace Winnow.Gateway.Tests.Serving;

/// <summary>A gateway that comes up before its silo.</summary>
public sealed class StartWithoutSiloTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task StartAsync_NoSilo_ServesHealthThatNamesWhereItLooksAndIsNotReady()
    {
        using var stop = new CancellationTokenSource(Patience);
        WebApplicationBuilder builder = WinnowProcess.CreateBuilder(GatewayRole.Definition, "--listen", "http://127.0.0.1:0", "--silo", "127.0.0.1:1");
        builder.AddGateway();
        await using WebApplication sut = builder.Build();
        sut.MapGateway();
        Task start = sut.StartAsync(stop.Token);
        using var client = new HttpClient { BaseAddress = new Uri(await UrlAsync(sut, stop.Token)) };

        string ready = await ReasonAsync(client, "127.0.0.1:1", stop.Token);
        HttpStatusCode live = (await client.GetAsync("/health/live", stop.Token)).StatusCode;
        using var body = new StringContent("""{"model":"any","prompt":"x"}""");
        HttpResponseMessage asked = await client.PostAsync("/v1/completions", body, stop.Token);
        bool started = start.IsCompleted;
        await stop.CancelAsync();

        Assert.Contains("Gateway:SiloGateways", ready, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, false), (live, asked.StatusCode, started));
        Assert.NotNull(asked.Headers.RetryAfter);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
    }

    [Theory]
    [InlineData("--Coordinator:MaxSequence")]
    [InlineData("--Replica:Token")]
    public async Task RunAsync_MisspeltOption_IsExitCode1(string option)
    {
        string[] arguments = ["--listen", "http://127.0.0.1:0", "--silo", "127.0.0.1:1", option, "1"];

        int code = await WinnowProcess.RunAsync(GatewayRole.Definition, arguments, builder => builder.AddGateway(), app => app.MapGateway()).WaitAsync(Patience);

        Assert.Equal(1, code);
    }

    private static async Task<string> UrlAsync(WebApplication app, CancellationToken limit)
    {
        ProcessEndpoints endpoints = app.Services.GetRequiredService<ProcessEndpoints>();
        while (true)
        {
            limit.ThrowIfCancellationRequested();
            try
            {
                return endpoints.Url(ProcessEndpoint.Http);
            }
            catch (InvalidOperationException)
            {
                await Task.Yield();
            }
        }
    }

    private static async Task<string> ReasonAsync(HttpClient client, string wanted, CancellationToken limit)
    {
        string text = "";
        while (!text.Contains(wanted, StringComparison.Ordinal))
        {
            text = await (await client.GetAsync("/health/ready", limit)).Content.ReadAsStringAsync(limit);
        }
        return text;
    }
}
