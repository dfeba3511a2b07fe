using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Invocation;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace Orleans.Client;

/// <summary>Calls grains through one of the gateways; a lost connection is made anew by the next call.</summary>
internal sealed class GatewayCaller(
    IOptions<StaticGatewayListProviderOptions> gateways,
    IOptions<ClusterOptions> cluster,
    IOptions<ClientMessagingOptions> options,
    TimeProvider time) : IGrainCaller, IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1, 1);
    private GatewayConnection? _connection;
    private int _next;
    private bool _stopped;

    /// <summary>The classes of the silo.</summary>
    /// <exception cref="SiloUnavailableException">The client was never connected.</exception>
    internal GrainManifest Manifest => _connection?.Manifest
        ?? throw new SiloUnavailableException("The client is not connected; start the host before asking for grains.");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _connecting.WaitAsync();
        try
        {
            _stopped = true;
            if (_connection is { } connection)
            {
                await connection.DisposeAsync();
            }
        }
        finally
        {
            _connecting.Release();
        }
    }

    /// <inheritdoc/>
    public Task<object?> CallAsync(GrainId grainId, GrainInterface grainInterface, GrainMethod method, object?[] arguments)
    {
        CallRules rules = CallRules.Of(options.Value, method);
        return _connection is { IsOpen: true } connection
            ? connection.Call(grainId, grainInterface, method, arguments, rules)
            : ConnectAndCallAsync(grainId, grainInterface, method, arguments, rules);
    }

    /// <summary>Connects unless there is a connection.</summary>
    /// <exception cref="ConnectionFailedException">No gateway could be reached.</exception>
    internal async Task<GatewayConnection> ConnectAsync(CancellationToken token)
    {
        await _connecting.WaitAsync(token).ConfigureAwait(false);
        try
        {
            if (_stopped)
            {
                throw new SiloUnavailableException("The local Orleans host is shutting down and can no longer process the request.");
            }

            if (_connection is { IsOpen: true } open)
            {
                return open;
            }

            if (_connection is { } lost)
            {
                await lost.DisposeAsync().ConfigureAwait(false);
            }

            return _connection = await OpenAnyAsync(token).ConfigureAwait(false);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private static IPEndPoint EndPoint(Uri gateway) => IPAddress.TryParse(gateway.Host.Trim('[', ']'), out IPAddress? address)
        ? new IPEndPoint(address, gateway.Port)
        : throw new OrleansConfigurationException($"Gateway '{gateway}' is not of the form 'gwy.tcp://ip:port/0'.");

    private async Task<object?> ConnectAndCallAsync(
        GrainId grainId, GrainInterface grainInterface, GrainMethod method, object?[] arguments, CallRules rules)
    {
        CancellationToken token = method.TokenOf(arguments);
        GatewayConnection connection = await ConnectAsync(token).ConfigureAwait(false);
        return await connection.Call(grainId, grainInterface, method, arguments, rules).ConfigureAwait(false);
    }

    private async Task<GatewayConnection> OpenAnyAsync(CancellationToken token)
    {
        List<Uri> known = gateways.Value.Gateways;
        if (known.Count == 0)
        {
            throw new SiloUnavailableException("Could not find any gateway; configure one with UseLocalhostClustering or UseStaticClustering.");
        }

        ConnectionFailedException? last = null;
        for (int i = 0; i < known.Count; i++)
        {
            try
            {
                return await GatewayConnection.OpenAsync(
                    EndPoint(known[_next++ % known.Count]), cluster.Value, options.Value.MaxMessageBodySize, time, token).ConfigureAwait(false);
            }
            catch (ConnectionFailedException e)
            {
                last = e;
            }
        }

        throw known.Count == 1
            ? last!
            : new ConnectionFailedException($"Unable to connect to any of the {known.Count} available gateways.", last!);
    }
}
