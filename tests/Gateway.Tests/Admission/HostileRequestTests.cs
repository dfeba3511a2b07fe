using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Winnow.Gateway.Tests.Api;

namespace Winnow.Gateway.Tests.Admission;

/// <summary>Requests that nobody sends by accident: each is refused with its limit, and the next good one is answered.</summary>
public sealed class HostileRequestTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static TheoryData<string, int> Bodies() => new()
    {
        { new string('[', 10_000), 400 },
        { "{\"model\":\"tiny\",\"prompt\":" + new string('[', 100) + new string(']', 100) + "}", 400 },
        { "{\"model\":\"tiny\",\"prompt\":\"" + new string('x', 2 << 20) + "\"}", 413 },
        { "{\"model\":\"tiny\",\"prompt\":\"" + new string('x', 500_000) + "\"}", 400 },
        { "{\"model\":\"tiny\",\"prompt\":\"hi\",\"n\":2147483647}", 400 },
        { "{\"model\":\"tiny\",\"prompt\":\"hi\",\"n\":1e400}", 400 },
        { "{\"model\":\"tiny\",\"prompt\":\"hi\",\"timeout\":-1}", 400 },
        { "{\"model\":\"tiny\",\"prompt\":\"hi\",\"priority\":1.5}", 400 },
        { "{\"model\":\"tiny\",\"prompt\":\"hi\",\"stop\":[" + string.Join(',', Enumerable.Repeat("\"a\"", 17)) + "]}", 400 },
        { "{\"model\":\"tiny\",\"prompt\":\"hi\",\"stop\":\"" + new string('s', 1025) + "\"}", 400 },
        { "{\"model\":\"tiny\",\"prompt\":[" + string.Join(',', Enumerable.Repeat("\"a\"", 65)) + "]}", 400 },
        { "{\"model\":\"tiny\",\"prompt\":\"hi\",\"logit_bias\":{" + string.Join(',', Enumerable.Range(0, 2000).Select(i => $"\"{i % 200}\":1")) + "}}", 200 },
        { "{\"model\":\"tiny\",\"prompt\":\"hi\"," + string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"f{i}\":0")) + "}", 400 },
        { "{\"model\":\"" + new string('m', 100_000) + "\",\"prompt\":\"hi\"}", 404 },
        { "\0\u0001", 400 },
        { "", 400 },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Body_Hostile_IsRefusedAndTheNextIsAnswered(string body, int status)
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"), "--Gateway:MaxRequestBytes", "1048576");

        using HttpResponseMessage response = await host.Client.PostAsync("/v1/completions", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(status, (int)response.StatusCode);
        Assert.True((await response.Content.ReadAsByteArrayAsync()).Length < 2 << 20);
        await AssertServesAsync(host);
    }

    [Theory]
    [InlineData("X-Long", 40_000, 1)]
    [InlineData("X-Many", 1, 100)]
    public async Task Headers_TooLargeOrTooMany_AreRefused(string name, int length, int count)
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        for (int i = 0; i < count; i++)
        {
            request.Headers.Add($"{name}-{i}", new string('h', length));
        }

        using HttpResponseMessage response = await host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, response.StatusCode);
        await AssertServesAsync(host);
    }

    [Theory]
    [InlineData("/v1/../../etc/passwd")]
    [InlineData("/v1/models/..%2f..%2fetc%2fpasswd")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/v1//models")]
    [InlineData("/v1/models/%00")]
    public async Task Path_Tricks_FindNothing(string path)
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));

        string answer = await RawAsync(host, $"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

        Assert.Matches("^HTTP/1.1 4\\d\\d ", answer);
        await AssertServesAsync(host);
    }

    [Theory]
    [InlineData("fffffffffff")]
    [InlineData("-1")]
    [InlineData("zz")]
    public async Task ChunkSize_ThatIsNone_IsTheClientsFault(string size)
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));

        string answer = await RawAsync(host, $"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{{\r\n{size}\r\n");

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        await AssertServesAsync(host);
    }

    [Fact]
    public async Task Connection_ThatIsNotHttp_IsEnded()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"));

        string answer = await RawAsync(host, "\u0016\u0003\u0001 nonsense\r\n\r\n");

        Assert.DoesNotContain("200", answer, StringComparison.Ordinal);
        await AssertServesAsync(host);
    }

    [Fact]
    public async Task Connection_OneTooManyOfAnAddress_IsEndedUnread()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"), "--Limits:MaxConnectionsPerAddress", "1");
        using Socket held = await ConnectAsync(host);
        // Its first answer tells that the server has counted it.
        byte[] question = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray();
        await held.SendAsync(question);
        Assert.True(await held.ReceiveAsync(new byte[1000]) > 0);

        string refused = await RawAsync(host, "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        await held.SendAsync(question);

        Assert.Equal("", refused);
        Assert.True(await held.ReceiveAsync(new byte[1000]) > 0);
    }

    [Fact]
    public async Task Headers_ThatDoNotCome_EndTheConnection()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"), "--Limits:HeaderSeconds", "1");

        string answer = await RawAsync(host, "GET /v1/models HTTP/1.1\r\nHost: local");

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        await AssertServesAsync(host);
    }

    [Fact]
    public async Task Requests_MoreThanAnAddressMay_AreRefusedButHealthAnswers()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ScriptedGenerator("x"), "--Limits:RequestsPerMinutePerAddress", "2");

        HttpStatusCode[] statuses = [await StatusAsync(host, "/v1/models"), await StatusAsync(host, "/nothing"), await StatusAsync(host, "/v1/models"), await StatusAsync(host, "/health/live")];

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.TooManyRequests, HttpStatusCode.OK], statuses);
    }

    private static async Task<HttpStatusCode> StatusAsync(ApiHost host, string path)
    {
        using HttpResponseMessage response = await host.Client.GetAsync(path);
        return response.StatusCode;
    }

    private static async Task AssertServesAsync(ApiHost host)
    {
        using HttpResponseMessage response = await host.Client.PostAsJsonAsync("/v1/completions", new { model = ApiHost.Model, prompt = "hi" });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<Socket> ConnectAsync(ApiHost host)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, host.Client.BaseAddress!.Port);
        return socket;
    }

    // All that comes until the server ends the connection.
    private static async Task<string> RawAsync(ApiHost host, string bytes)
    {
        using var limit = new CancellationTokenSource(Limit);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            using Socket socket = await ConnectAsync(host);
            await socket.SendAsync(Encoding.Latin1.GetBytes(bytes), limit.Token);
            while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and int count)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (SocketException)
        {
            // A connection that is reset, even before the client heard that it had been made, has told all that it is going to tell.
        }
        return answer.ToString();
    }
}
