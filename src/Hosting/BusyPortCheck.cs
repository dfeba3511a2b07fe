using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Hosting;

namespace Winnow.Hosting;

/// <summary>
/// Finds busy ports before anything starts. The web server starts after or beside the other services, and one of those may wait for another process
/// for as long as it takes.
/// </summary>
/// <param name="endpoints">Where the process is going to listen.</param>
/// <param name="server">The server; it fills in the endpoints when it is made.</param>
internal sealed class BusyPortCheck(ProcessEndpoints endpoints, IServer server) : IHostedLifecycleService
{
    private readonly IServer _server = server;

    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _ = _server.Features;
        foreach (ListenAddress address in endpoints.Requested.Where(address => address.Port != 0))
        {
            var endpoint = new IPEndPoint(address.Ip, address.Port);
            using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(endpoint);
                socket.Listen();
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                throw new StartupException($"Address '{address}' is already in use; choose another address or stop the process that uses it.", error);
            }
            catch (SocketException)
            {
                // Whatever else is wrong with the address, the server finds it too and says it better.
            }
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
