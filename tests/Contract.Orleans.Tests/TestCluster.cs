using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime.Hosting;

namespace Winnow.ContractTests;

/// <summary>A silo, and clients outside it, on free ports of this machine.</summary>
internal static class TestCluster
{
    internal static async Task<IHost> StartSiloAsync(int gatewayPort, Action<ISiloBuilder>? configure = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(siloPort: FreePort(), gatewayPort: gatewayPort);
            silo.AddMemoryGrainStorage("memory");
            silo.Services.AddGrainStorage("faulty", (_, name) => new FaultyStorage(name));
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(30));
            configure?.Invoke(silo);
        });
        return await StartAsync(builder.Build());
    }

    internal static async Task<IHost> StartClientAsync(int gatewayPort, Action<IClientBuilder>? configure = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client =>
        {
            client.UseLocalhostClustering(gatewayPort);
            configure?.Invoke(client);
        });
        return await StartAsync(builder.Build());
    }

    internal static IClusterClient Client(this IHost host) => host.Services.GetRequiredService<IClusterClient>();

    internal static async ValueTask StopAndDisposeAsync(this IHost host)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        await host.StopAsync(patience.Token);
        host.Dispose();
    }

    internal static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static async Task<IHost> StartAsync(IHost host)
    {
        await host.StartAsync();
        return host;
    }
}
