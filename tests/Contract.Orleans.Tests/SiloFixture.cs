using Microsoft.Extensions.Hosting;
using Orleans;

namespace Winnow.ContractTests;

/// <summary>One silo for all tests that do nothing to it.</summary>
public sealed class SiloFixture : IAsyncLifetime
{
    private IHost? _host;

    internal int GatewayPort { get; } = TestCluster.FreePort();

    internal IClusterClient Client => _host!.Client();

    public async Task InitializeAsync() => _host = await TestCluster.StartSiloAsync(GatewayPort);

    public async Task DisposeAsync() => await _host!.StopAndDisposeAsync();
}
