using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans;
using Winnow.Contracts.Grains;
using Winnow.Contracts.V1;
using Winnow.Hosting;

namespace Winnow.Silo.Tests.Support;

/// <summary>A silo in this process, on free loopback ports, with quick beats.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ClusterChannels _channels;

    private TestSilo(WebApplication app, string? token)
    {
        _app = app;
        _channels = new ClusterChannels(new ClusterToken(token));
        Address = app.Services.GetRequiredService<ProcessEndpoints>().Url(ProcessEndpoint.Grpc);
        HttpAddress = app.Services.GetRequiredService<ProcessEndpoints>().Url(ProcessEndpoint.Http);
        Control = new ClusterControl.ClusterControlClient(_channels.Get(Address));
        Services = app.Services;
        Grains = app.Services.GetRequiredService<IGrainFactory>();
    }

    public string Address { get; }

    public string HttpAddress { get; }

    public ClusterControl.ClusterControlClient Control { get; }

    public IGrainFactory Grains { get; }

    public IServiceProvider Services { get; }

    public static Task<TestSilo> StartAsync(string directory, string? clientToken = null, params string[] args) =>
        StartAsync(directory, TimeProvider.System, clientToken, args);

    public static Task<TestSilo> StartAtAsync(TimeProvider time, string directory, params string[] args) => StartAsync(directory, time, null, args);

    private static async Task<TestSilo> StartAsync(string directory, TimeProvider time, string? clientToken, string[] args)
    {
        string[] defaults =
        [
            "--listen=http://127.0.0.1:0", "--http-listen=http://127.0.0.1:0", "--orleans-port=0", "--orleans-gateway-port=0", $"--data={directory}",
            "--Silo:BeatIntervalMs=100", "--Silo:SuspectAfterMs=2000", "--Silo:DeadAfterMs=4000", "--Silo:PlacementGraceMs=600000",
        ];
        WebApplicationBuilder builder = WinnowProcess.CreateBuilder(SiloRole.Definition, [.. defaults, .. args]).AddSilo();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(time);
        WebApplication app = builder.Build();
        app.MapSilo();
        await app.StartAsync();
        return new TestSilo(app, clientToken);
    }

    /// <summary>Asks until an answer is as awaited; a test that waits too long says what it saw last.</summary>
    public static async Task<T> UntilAsync<T>(string what, Func<Task<T>> ask, Func<T, bool> awaited)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        T last = await ask();
        while (!awaited(last))
        {
            Assert.False(limit.IsCancellationRequested, $"Waited too long for {what}; the last answer was {last}.");
            await timer.WaitForNextTickAsync(CancellationToken.None);
            last = await ask();
        }
        return last;
    }

    public Task<IReadOnlyList<WorkerRecord>> WorkersAsync() => Grains.GetGrain<IWorkerDirectoryGrain>(0).List();

    public Task<ModelStatus> UntilAsync(string model, Func<ModelStatus, bool> awaited) =>
        UntilAsync($"model '{model}'", () => Grains.GetGrain<IModelGrain>(model).GetStatus(), awaited);

    public async ValueTask DisposeAsync()
    {
        _channels.Dispose();
        using CancellationTokenSource atOnce = new(TimeSpan.FromSeconds(5));
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }
}
