using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Winnow.Contracts.V1;
using Winnow.Hosting;

namespace Winnow.GpuWorker.Tests.Support;

/// <summary>A worker in this process, on free loopback ports, reached over real gRPC.</summary>
internal sealed class TestWorker : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ClusterChannels _channels;

    private TestWorker(WebApplication app, string? token)
    {
        _app = app;
        _channels = new ClusterChannels(new ClusterToken(token));
        Address = app.Services.GetRequiredService<ProcessEndpoints>().Url(ProcessEndpoint.Grpc);
        Channel = _channels.Get(Address);
        Client = new Worker.WorkerClient(Channel);
    }

    public string Address { get; }

    public GrpcChannel Channel { get; }

    public Worker.WorkerClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public string HttpAddress => _app.Services.GetRequiredService<ProcessEndpoints>().Url(ProcessEndpoint.Http);

    public static Task<TestWorker> StartAsync(params string[] args) => StartAsync(_ => { }, null, args);

    public static async Task<TestWorker> StartAsync(Action<IServiceCollection> configure, string? clientToken, params string[] args)
    {
        WebApplicationBuilder builder = WinnowProcess.CreateBuilder(GpuWorkerRole.Definition, ["--threads=1", .. args]).AddGpuWorker();
        builder.Logging.ClearProviders();
        configure(builder.Services);
        WebApplication app = builder.Build();
        app.MapGpuWorker();
        await app.StartAsync();
        return new TestWorker(app, clientToken);
    }

    /// <summary>Loads and answers with the last progress report.</summary>
    public async Task<LoadProgress> LoadAsync(LoadRequest request)
    {
        using AsyncServerStreamingCall<LoadProgress> call = Client.Load(request);
        LoadProgress last = new();
        while (await call.ResponseStream.MoveNext(Patience.Token))
        {
            last = call.ResponseStream.Current;
        }
        return last;
    }

    /// <summary>Begins to stop, as a signal does.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource atOnce = new(TimeSpan.FromSeconds(2));
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();

        // After the worker: a disposed channel ends the calls that tests look at.
        _channels.Dispose();
    }
}
