using System.Net;
using System.Net.Sockets;

namespace Winnow.LiteTests;

/// <summary>A link between a client and a gateway that a test can cut: it passes bytes on from a port of its own.</summary>
internal sealed class LinkProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> _sockets = [];
    private readonly int _target;

    internal LinkProxy(int target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Ends all connections; new ones are taken as before.</summary>
    internal void Cut()
    {
        lock (_sockets)
        {
            _sockets.ForEach(socket => socket.Close(timeout: 0));
            _sockets.Clear();
        }
    }

    public void Dispose()
    {
        _listener.Stop();
        Cut();
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[65536];
        try
        {
            for (int count; (count = await from.ReceiveAsync(buffer.AsMemory())) > 0;)
            {
                await to.SendAsync(buffer.AsMemory(0, count));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            from.Close(timeout: 0);
            to.Close(timeout: 0);
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync();
                var gateway = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await gateway.ConnectAsync(IPAddress.Loopback, _target);
                lock (_sockets)
                {
                    _sockets.AddRange([client, gateway]);
                }

                _ = CopyAsync(client, gateway);
                _ = CopyAsync(gateway, client);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The listener was stopped, or the gateway takes no connections: no more links.
        }
    }
}
