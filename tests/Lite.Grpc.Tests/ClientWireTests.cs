using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Winnow.Lite.Grpc.Tests.Support;

namespace Winnow.Lite.Grpc.Tests;

/// <summary>What the client sends, and what it makes of answers that a well-behaved server does not give.</summary>
public sealed class ClientWireTests
{
    [Fact]
    public async Task Request_Unary_FollowsTheProtocol()
    {
        using var handler = new ScriptedHandler(() => ScriptedHandler.Response(Raw.Framed(9), ("grpc-status", "0")));
        using GrpcChannel channel = Channel(handler);
        var options = new CallOptions(
            new Metadata { { "a", "b" }, { "c-bin", new byte[] { 1 } }, { "grpc-timeout", "1S" } },
            TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(50));

        byte[] response = await channel.CreateCallInvoker().AsyncUnaryCall(Raw.Method(MethodType.Unary), null, options, [1, 2]);

        Assert.Equal([9], response);
        HttpRequestMessage request = handler.Request!;
        Assert.Equal("http://server:1/tests.Raw/Unary", request.RequestUri!.ToString());
        Assert.Equal(HttpMethod.Post, request.Method);
        Assert.Equal(new Version(2, 0), request.Version);
        Assert.Equal(HttpVersionPolicy.RequestVersionExact, request.VersionPolicy);
        Assert.Equal("trailers", request.Headers.TE.ToString());
        Assert.Equal("application/grpc", request.Content!.Headers.ContentType!.ToString());
        Assert.Equal("b", request.Headers.GetValues("a").Single());
        Assert.Equal("AQ", request.Headers.GetValues("c-bin").Single());
        Assert.InRange(int.Parse(request.Headers.GetValues("grpc-timeout").Single()[..^1]), 40_000_000, 50_000_000);
        Assert.Equal(Raw.Framed(1, 2), handler.Body);
    }

    [Theory]
    [InlineData(400, StatusCode.Internal)]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(403, StatusCode.PermissionDenied)]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(429, StatusCode.Unavailable)]
    [InlineData(500, StatusCode.Unknown)]
    [InlineData(503, StatusCode.Unavailable)]
    public async Task Response_OfHttpOnly_IsMapped(int http, StatusCode expected) =>
        await FailsAsync(() => new HttpResponseMessage((HttpStatusCode)http) { Content = new StringContent("no") }, expected);

    [Fact]
    public async Task Response_OtherContentType_IsUnknown() =>
        await FailsAsync(() => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("<html>") }, StatusCode.Unknown);

    [Fact]
    public async Task Response_WithoutStatus_IsUnknown() =>
        await FailsAsync(() => ScriptedHandler.Response(Raw.Framed(1)), StatusCode.Unknown);

    [Fact]
    public async Task Response_StatusNoNumber_IsUnknown() =>
        await FailsAsync(() => ScriptedHandler.Response(Raw.Framed(1), ("grpc-status", "banana")), StatusCode.Unknown);

    [Fact]
    public async Task Response_TwoMessagesForOne_IsInternal() =>
        await FailsAsync(
            () => ScriptedHandler.Response([.. Raw.Framed(1), .. Raw.Framed(2)], ("grpc-status", "0")), StatusCode.Internal);

    [Fact]
    public async Task Response_NoMessageButOk_IsInternal() =>
        await FailsAsync(() => ScriptedHandler.Response([], ("grpc-status", "0")), StatusCode.Internal);

    [Fact]
    public async Task Response_EndsInMessage_IsInternal() =>
        await FailsAsync(() => ScriptedHandler.Response([0, 0, 0, 0, 9, 1], ("grpc-status", "0")), StatusCode.Internal);

    [Fact]
    public async Task Response_EndsInPrefix_IsInternal() =>
        await FailsAsync(() => ScriptedHandler.Response([0, 0], ("grpc-status", "0")), StatusCode.Internal);

    [Fact]
    public async Task Response_ClaimsMoreThanTheLimit_IsResourceExhausted() =>
        await FailsAsync(() => ScriptedHandler.Response([0, 127, 255, 255, 255]), StatusCode.ResourceExhausted);

    [Fact]
    public async Task Response_TrailersOnly_BringsTheStatus()
    {
        RpcException error = await FailsAsync(
            () =>
            {
                HttpResponseMessage response = ScriptedHandler.Response([]);
                response.Headers.Add("grpc-status", "5");
                response.Headers.Add("grpc-message", "not%20here");
                response.Headers.Add("why", "test");
                return response;
            },
            StatusCode.NotFound);

        Assert.Equal("not here", error.Status.Detail);
        Assert.Equal("test", error.Trailers.GetValue("why"));
    }

    [Fact]
    public async Task Response_TrailersOnlyOkForAStream_IsAnEmptyStream()
    {
        using var handler = new ScriptedHandler(() =>
        {
            HttpResponseMessage response = ScriptedHandler.Response([]);
            response.Headers.Add("grpc-status", "0");
            return response;
        });
        using GrpcChannel channel = Channel(handler);

        using AsyncServerStreamingCall<byte[]> sut = channel.CreateCallInvoker()
            .AsyncServerStreamingCall(Raw.Method(MethodType.ServerStreaming), null, default, []);

        Assert.False(await sut.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.OK, sut.GetStatus().StatusCode);
    }

    [Theory]
    [InlineData(0, StatusCode.Internal)]
    [InlineData(2, StatusCode.Internal)]
    [InlineData(7, StatusCode.Unavailable)]
    [InlineData(8, StatusCode.Cancelled)]
    [InlineData(11, StatusCode.ResourceExhausted)]
    [InlineData(12, StatusCode.PermissionDenied)]
    public async Task Transport_StreamReset_IsMappedByItsCode(long code, StatusCode expected) =>
        await FailsAsync(() => throw new HttpRequestException("reset", new HttpProtocolException(code, "reset", null)), expected);

    [Fact]
    public async Task Transport_ConnectionRefused_IsUnavailable() =>
        await FailsAsync(
            () => throw new HttpRequestException("no", new SocketException((int)SocketError.ConnectionRefused)), StatusCode.Unavailable);

    [Fact]
    public void Channel_HandlerAndClient_AreRefusedTogether()
    {
        using var handler = new ScriptedHandler(() => ScriptedHandler.Response([]));
        using var client = new HttpClient();

        Assert.Throws<ArgumentException>(
            () => GrpcChannel.ForAddress("http://server:1", new GrpcChannelOptions { HttpHandler = handler, HttpClient = client }));
        Assert.Throws<ArgumentException>(() => GrpcChannel.ForAddress("ftp://server:1"));
    }

    private static GrpcChannel Channel(HttpMessageHandler handler) =>
        GrpcChannel.ForAddress("http://server:1", new GrpcChannelOptions { HttpHandler = handler });

    private static async Task<RpcException> FailsAsync(Func<HttpResponseMessage> answer, StatusCode expected)
    {
        using var handler = new ScriptedHandler(answer);
        using GrpcChannel channel = Channel(handler);
        AsyncUnaryCall<byte[]> call = channel.CreateCallInvoker().AsyncUnaryCall(Raw.Method(MethodType.Unary), null, default, []);
        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await call);
        Assert.Equal(expected, error.StatusCode);
        Assert.Equal(expected, call.GetStatus().StatusCode);
        return error;
    }
}
