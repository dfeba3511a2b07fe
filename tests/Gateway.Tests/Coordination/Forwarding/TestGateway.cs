using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Forwarding;
using Winnow.Gateway.Coordination.Remote;
using Winnow.Gateway.Serving;
using Winnow.Gateway.Tests.Api;
using Winnow.Hosting;

namespace Winnow.Gateway.Tests.Coordination.Forwarding;

/// <summary>The part of a gateway that others forward to: its coordinator of one replica behind a real gRPC endpoint.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ClusterChannels _channels;

    private TestGateway(WebApplication app, ClusterChannels channels, Coordinator coordinator, SharedReplica replica)
    {
        (_app, _channels, Coordinator, Replica) = (app, channels, coordinator, replica);
    }

    public Coordinator Coordinator { get; }

    public SharedReplica Replica { get; }

    /// <summary>Starts it; coordinator and patience follow clocks of their own where one is given.</summary>
    public static async Task<TestGateway> StartAsync(
        string id, IReplicaGrain grain, string token = "secret", TimeSpan? patience = null, TimeSpan? standby = null, TimeProvider? coordinatorTime = null, TimeProvider? replicaTime = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var replicas = new SharedReplicas();
        builder.Services.AddSingleton(replicas).AddSingleton<IModelRegistry>(new Models()).AddSingleton(new ClusterToken(token));
        builder.Services.AddGrpc();
        WebApplication app = builder.Build();
        app.UseClusterToken();
        app.MapGrpcService<CoordinatorService>();
        await app.StartAsync();
        var options = new ReplicaOptions
        {
            GatewayId = id,
            GatewayAddress = app.Urls.First(),
            RetryDelay = TimeSpan.FromMilliseconds(1),
            MaxRetryDelay = TimeSpan.FromMilliseconds(5),
            RenewInterval = TimeSpan.FromMilliseconds(20),
            StandbyInterval = standby ?? TimeSpan.FromMilliseconds(20),
        };
        var channels = new ClusterChannels(new ClusterToken(token));
        var lease = new ReplicaLease("test/0", grain, options, TimeProvider.System, NullLogger.Instance);
        var source = new LeasedReplicaSource(grain, lease, channels, options, TimeProvider.System, NullLoggerFactory.Instance);
        var coordinator = new Coordinator("test", source, new CoordinatorOptions { CalibrationTime = TimeSpan.Zero }, coordinatorTime ?? TimeProvider.System, NullLogger.Instance);
        coordinator.Start();
        var replica = new SharedReplica("test", coordinator, lease, channels, patience ?? TimeSpan.FromSeconds(20), replicaTime ?? TimeProvider.System, NullLogger.Instance);
        replicas.Add(replica);
        return new TestGateway(app, channels, coordinator, replica);
    }

    /// <summary>Ends it as a killed process ends: nobody listens any more, and no lease is given back.</summary>
    public async Task KillAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Replica.DisposeAsync();
        await KillAsync();
        _channels.Dispose();
    }

    private sealed class Models : IModelRegistry
    {
        public IReadOnlyList<ServedModel> Ready { get; } =
        [
            new ServedModel
            {
                Name = "test",
                Tokenizer = new ByteTokenizer(),
                Template = null,
                ContextTokens = 512,
                Generator = null!,
                Fingerprint = () => "",
                Created = DateTimeOffset.UnixEpoch,
            },
        ];

        public IReadOnlyDictionary<string, string> Pending { get; } = new Dictionary<string, string>();
    }
}
