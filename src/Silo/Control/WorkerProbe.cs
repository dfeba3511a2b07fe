using System.Net.Sockets;

namespace Winnow.Silo.Control;

/// <summary>
/// Finds out whether a worker's process is surely gone: then its machine refuses connections at once. Silence, or anything else that may pass,
/// proves nothing.
/// </summary>
/// <param name="time">Clock.</param>
internal sealed class WorkerProbe(TimeProvider time)
{
    private const int Attempts = 4;
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    /// <summary>
    /// Whether nobody listens at an address. A process that dies closes its connections one after another, so a connection that is taken is tried
    /// again a little later.
    /// </summary>
    /// <param name="address">Address such as <c>http://127.0.0.1:5101</c>.</param>
    public async Task<bool> IsRefusedAsync(string address)
    {
        Uri uri = new(address);
        for (int attempt = 1; attempt <= Attempts; attempt++)
        {
            SocketError? error = await DialAsync(uri);
            if (error is SocketError.ConnectionRefused)
            {
                return true;
            }
            if (error is not null)
            {
                return false;
            }
            await Task.Delay(Pause, time);
        }
        return false;
    }

    private async Task<SocketError?> DialAsync(Uri uri)
    {
        using TcpClient client = new();
        using CancellationTokenSource limit = new(Limit, time);
        try
        {
            await client.ConnectAsync(uri.Host, uri.Port, limit.Token);
            return null;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
        catch (OperationCanceledException)
        {
            return SocketError.TimedOut;
        }
    }
}
