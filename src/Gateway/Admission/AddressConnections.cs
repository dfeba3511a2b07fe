using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Winnow.Gateway.Admission;

/// <summary>Holds every address to a number of open connections: one more is closed before a byte of it is read.</summary>
/// <param name="most">Connections of one address.</param>
/// <param name="instruments">Told of what is closed.</param>
internal sealed class AddressConnections(int most, AdmissionInstruments instruments)
{
    private readonly ConcurrentDictionary<IPAddress, int> _open = new();

    /// <summary>Wraps what a listener does with a connection.</summary>
    public ConnectionDelegate Use(ConnectionDelegate next) => async connection =>
    {
        IPAddress address = PeerAddress.Of((connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None);
        try
        {
            if (_open.AddOrUpdate(address, 1, static (_, count) => count + 1) <= most)
            {
                await next(connection);
            }
            else
            {
                instruments.Refused(AdmissionInstruments.Connections);
                connection.Abort();
            }
        }
        finally
        {
            if (_open.AddOrUpdate(address, 0, static (_, count) => count - 1) <= 0)
            {
                _open.TryRemove(new KeyValuePair<IPAddress, int>(address, 0));
            }
        }
    };
}
