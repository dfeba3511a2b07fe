using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Winnow.Silo;

/// <summary>The Orleans ports of this silo, chosen before it starts since Orleans cannot choose them itself.</summary>
/// <param name="Silo">Port between silos.</param>
/// <param name="Gateway">Port for gateways.</param>
internal sealed record SiloPorts(int Silo, int Gateway)
{
    /// <summary>Reads the ports, and picks free ones where 0 asks for it. What is not a port is left to the validator to report.</summary>
    public static SiloPorts Resolve(IConfiguration configuration)
    {
        SiloOptions defaults = new();
        int silo = Read(configuration, nameof(SiloOptions.OrleansSiloPort), defaults.OrleansSiloPort);
        int gateway = Read(configuration, nameof(SiloOptions.OrleansGatewayPort), defaults.OrleansGatewayPort);
        using TcpListener first = new(IPAddress.Loopback, 0);
        using TcpListener second = new(IPAddress.Loopback, 0);
        return new SiloPorts(silo == 0 ? FreePort(first) : silo, gateway == 0 ? FreePort(second) : gateway);
    }

    private static int Read(IConfiguration configuration, string option, int otherwise)
    {
        string? text = configuration[$"{SiloOptions.Section}:{option}"];
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port <= IPEndPoint.MaxPort ? port : otherwise;
    }

    private static int FreePort(TcpListener listener)
    {
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
