using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace Winnow.LiteTests;

/// <summary>What a client sees when its link to the gateway breaks, and what a gateway refuses.</summary>
public sealed class ConnectionTests : IAsyncLifetime
{
    private readonly int _port = FreePort();
    private IHost? _silo;

    public async Task InitializeAsync() => _silo = await StartAsync(builder =>
        builder.UseOrleans(silo => silo.UseLocalhostClustering(gatewayPort: _port)));

    public async Task DisposeAsync() => await StopAsync(_silo!);

    [Fact]
    public async Task Link_Cut_FailsTheCallUnderWayAndIsMadeAnewByTheNext()
    {
        using var link = new LinkProxy(_port);
        IHost client = await StartAsync(builder => builder.UseOrleansClient(orleans => orleans.UseLocalhostClustering(link.Port)));
        IHoldGrain grain = client.Services.GetRequiredService<IClusterClient>().GetGrain<IHoldGrain>("cut");
        HoldGrain.Inside = new TaskCompletionSource();
        HoldGrain.Go = new TaskCompletionSource();
        Task call = grain.Hold();
        await HoldGrain.Inside.Task;

        link.Cut();

        await Assert.ThrowsAsync<SiloUnavailableException>(() => call);
        HoldGrain.Go.SetResult();
        Assert.Equal(42, await grain.Answer());
        link.Dispose();
        await Assert.ThrowsAnyAsync<OrleansException>(() => grain.Answer());
        await Assert.ThrowsAsync<ConnectionFailedException>(() => grain.Answer());
        await StopAsync(client);
    }

    [Fact]
    public async Task Client_OfAnotherCluster_IsRefusedByName()
    {
        ConnectionFailedException e = await Assert.ThrowsAsync<ConnectionFailedException>(() => StartAsync(builder =>
            builder.UseOrleansClient(orleans => orleans
                .UseLocalhostClustering(_port, serviceId: "service", clusterId: "another")
                .UseConnectionRetryFilter((_, _) => Task.FromResult(false)))));

        Assert.Contains("'another'", e.Message);
    }

    [Fact]
    public async Task Call_LargerThanTheLimit_FailsAlone()
    {
        IHost client = await StartAsync(builder => builder.UseOrleansClient(orleans => orleans
            .UseLocalhostClustering(_port)
            .Configure<ClientMessagingOptions>(options => options.MaxMessageBodySize = 1)));
        IClusterClient cluster = client.Services.GetRequiredService<IClusterClient>();
        HoldGrain.Inside = new TaskCompletionSource();
        HoldGrain.Go = new TaskCompletionSource();
        Task under = cluster.GetGrain<IHoldGrain>("under way").Hold();
        await HoldGrain.Inside.Task;

        Exception e = await Assert.ThrowsAnyAsync<OrleansException>(() => cluster.GetGrain<IHoldGrain>(new string('k', 200_000)).Answer());

        Assert.Contains("MaxMessageBodySize", e.Message);
        HoldGrain.Go.SetResult();
        await under;
        await StopAsync(client);
    }

    private static async Task<IHost> StartAsync(Action<HostApplicationBuilder> configure)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        configure(builder);
        IHost host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task StopAsync(IHost host)
    {
        await host.StopAsync();
        host.Dispose();
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
