using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Winnow.Gateway.Admission;

/// <summary>Sets the gateway's server to its limits.</summary>
internal sealed class ServerLimits(IOptions<GatewayOptions> gateway, IOptions<LimitOptions> limits, AdmissionInstruments instruments) : IConfigureOptions<KestrelServerOptions>
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public void Configure(KestrelServerOptions options)
    {
        LimitOptions values;
        try
        {
            (values, options.Limits.MaxRequestBodySize) = (limits.Value, gateway.Value.MaxRequestBytes);
        }
        catch (OptionsValidationException)
        {
            // The server's options are made while the process is built; the start reports this failure with every other.
            return;
        }
        KestrelServerLimits server = options.Limits;
        server.MaxConcurrentConnections = values.MaxConnections;
        server.MaxRequestHeadersTotalSize = values.MaxHeaderBytes;
        server.MaxRequestLineSize = Math.Min(server.MaxRequestLineSize, values.MaxHeaderBytes);
        server.MaxRequestHeaderCount = values.MaxHeaders;
        server.RequestHeadersTimeout = TimeSpan.FromSeconds(values.HeaderSeconds);
        server.MinRequestBodyDataRate = new MinDataRate(values.MinBytesPerSecond, Grace);
        server.MinResponseDataRate = new MinDataRate(values.MinBytesPerSecond, Grace);
        var connections = new AddressConnections(values.MaxConnectionsPerAddress, instruments);
        options.ConfigureEndpointDefaults(listener => listener.Use(connections.Use));
    }
}
