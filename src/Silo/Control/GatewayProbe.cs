using System.Net.Sockets;

namespace Winnow.Silo.Control;

/// <summary>Finds out whether anybody listens at a gateway's address.</summary>
/// <param name="time">Clock.</param>
internal sealed class GatewayProbe(TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>Whether a connection is taken within a second.</summary>
    /// <param name="address">Address such as <c>http://127.0.0.1:5101</c>.</param>
    public async Task<bool> AnswersAsync(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri))
        {
            return false;
        }
        using TcpClient client = new();
        using CancellationTokenSource limit = new(Limit, time);
        try
        {
            await client.ConnectAsync(uri.Host, uri.Port, limit.Token);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            return false;
        }
    }
}
