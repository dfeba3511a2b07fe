using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Winnow.Gateway.Tests.Api;

namespace Winnow.Gateway.Tests.Admission;

/// <summary>Clients that send or read too slowly: each is ended with what the documents say, and its slot is free.</summary>
public sealed class SlowPeerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Body_ThatDoesNotCome_Is408InTheApisShape()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"), "--Limits:MinBytesPerSecond", "1000");
        using Socket socket = await SendAsync(host, "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000\r\n\r\n{");

        string answer = await ReadAsync(socket);

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"bad_request\"", answer, StringComparison.Ordinal);
        Assert.Empty(host.Generator.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_ThatIsNotRead_EndsTheGenerationAndTheConnection(bool goesAway)
    {
        var generator = new ScriptedGenerator(new string('x', ApiHost.ContextTokens - 10), tokensPerStep: 1);
        await using ApiHost host = await ApiHost.StartAsync(
            generator, (WebApplicationBuilder builder) => builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = ListenWithSmallBuffers), "--Limits:MinBytesPerSecond", "1000000");
        // More than the buffers of both ends of a connection take, so that the server has to wait for its reader.
        string body = JsonSerializer.Serialize(new { model = ApiHost.Model, prompt = "hi", stream = true, n = 128, max_tokens = 90, logprobs = 2, return_token_ids = true });
        using Socket socket = await SendAsync(host, $"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {body.Length}\r\n\r\n{body}", receiveBuffer: 4096);
        await socket.ReceiveAsync(new byte[1]).WaitAsync(Limit);

        if (goesAway)
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }

        await generator.Cancelled.Task.WaitAsync(Limit);
    }

    private static async Task<Socket> SendAsync(ApiHost host, string bytes, int receiveBuffer = 65_536)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = receiveBuffer };
        await socket.ConnectAsync(IPAddress.Loopback, host.Client.BaseAddress!.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(bytes));
        return socket;
    }

    // The buffer that the system would choose takes more than all of the answer.
    private static Socket ListenWithSmallBuffers(EndPoint endpoint)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = 4096 };
        socket.Bind(endpoint);
        return socket;
    }

    // All that comes until the server ends the connection.
    private static async Task<string> ReadAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(Limit);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and int count)
        {
            answer.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        return answer.ToString();
    }
}
