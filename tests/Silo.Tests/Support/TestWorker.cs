using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Winnow.GpuWorker;
using Winnow.Hosting;

namespace Winnow.Silo.Tests.Support;

/// <summary>A worker in this process that registers with a silo under a name.</summary>
internal sealed class TestWorker(WebApplication app) : IAsyncDisposable
{
    public static async Task<TestWorker> StartAsync(string id, string role, string silo, params string[] args)
    {
        WebApplicationBuilder builder = WinnowProcess.CreateBuilder(
            GpuWorkerRole.Definition, [$"--id={id}", $"--role={role}", $"--silo={silo}", "--threads=1", "--memory=1000000000", .. args]);
        builder.AddGpuWorker().Logging.ClearProviders();
        WebApplication app = builder.Build();
        app.MapGpuWorker();
        await app.StartAsync();
        return new TestWorker(app);
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource atOnce = new(TimeSpan.FromSeconds(2));
        await app.StopAsync(atOnce.Token);
        await app.DisposeAsync();
    }
}
