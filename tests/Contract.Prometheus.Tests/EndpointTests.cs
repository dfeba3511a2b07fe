using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Prometheus;

namespace Winnow.Contract.Prometheus.Tests;

public sealed class EndpointTests
{
    [Fact]
    public async Task MapMetrics_Scraped_AnswersInTheTextFormat()
    {
        CollectorRegistry registry = Metrics.NewCustomRegistry();
        Metrics.WithCustomRegistry(registry).CreateCounter("scraped_total", "Scrapes.").Inc(3);
        await using WebApplication app = await StartAsync(registry);
        using var client = new HttpClient();

        using HttpResponseMessage response = await client.GetAsync(new Uri(app.Urls.First() + "/metrics"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(3, Exposition.Parse(await response.Content.ReadAsStringAsync()).Series["scraped_total"]);
    }

    private static async Task<WebApplication> StartAsync(CollectorRegistry registry)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.MapMetrics("/metrics", registry);
        await app.StartAsync();
        return app;
    }
}
