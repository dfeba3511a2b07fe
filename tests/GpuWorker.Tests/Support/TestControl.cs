using System.Threading.Channels;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Winnow.Contracts.V1;
using Winnow.Hosting;

namespace Winnow.GpuWorker.Tests.Support;

/// <summary>A silo's edge without a silo: notes what workers say and answers as the test wants.</summary>
internal sealed class TestControl : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestControl(WebApplication app, Edge edge)
    {
        _app = app;
        Script = edge;
        Address = app.Services.GetRequiredService<ProcessEndpoints>().Url(ProcessEndpoint.Grpc);
    }

    public string Address { get; }

    public Edge Script { get; }

    public static async Task<TestControl> StartAsync()
    {
        ProcessRole role = new() { Name = "control", Section = "Control", Description = "", Flags = [] };
        WebApplicationBuilder builder = WinnowProcess.CreateBuilder(role);
        builder.Logging.ClearProviders();
        Edge edge = new();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(edge);
        builder.AddEndpoints(_ => [new ProcessEndpoint(ProcessEndpoint.Grpc, "http://127.0.0.1:0", HttpProtocols.Http2)]);
        WebApplication app = builder.Build();
        app.MapGrpcService<Edge>();
        await app.StartAsync();
        return new TestControl(app, edge);
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource atOnce = new(TimeSpan.FromSeconds(1));
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }

    public sealed class Edge : ClusterControl.ClusterControlBase
    {
        private readonly Channel<WorkerInfo> _registrations = Channel.CreateUnbounded<WorkerInfo>();
        private readonly Channel<Heartbeat> _beats = Channel.CreateUnbounded<Heartbeat>();
        private long _incarnation;

        public int BeatIntervalMs { get; set; } = 5000;

        public int FailuresBeforeSuccess { get; set; }

        public bool RegisterAgain { get; set; }

        public async Task<WorkerInfo> RegistrationAsync() => await _registrations.Reader.ReadAsync(Patience.Token);

        public async Task<Heartbeat> BeatAsync() => await _beats.Reader.ReadAsync(Patience.Token);

        public override Task<RegisterReply> Register(WorkerInfo request, ServerCallContext context)
        {
            _registrations.Writer.TryWrite(request);
            if (FailuresBeforeSuccess-- > 0)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "not now"));
            }
            return Task.FromResult(new RegisterReply { Incarnation = ++_incarnation, BeatIntervalMs = BeatIntervalMs });
        }

        public override async Task Beat(IAsyncStreamReader<Heartbeat> requestStream, IServerStreamWriter<BeatReply> responseStream, ServerCallContext context)
        {
            while (await requestStream.MoveNext(context.CancellationToken))
            {
                _beats.Writer.TryWrite(requestStream.Current);
                await responseStream.WriteAsync(new BeatReply { RegisterAgain = RegisterAgain });
            }
        }
    }
}
