using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Winnow.Lite.Grpc.Tests.Support;

namespace Winnow.Lite.Grpc.Tests;

/// <summary>What the server answers to requests that a well-behaved client does not send.</summary>
public sealed class ServerWireTests : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private WebApplication _app = null!;

    public async Task InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddGrpc(options => options.MaxReceiveMessageSize = 100);
        _app = builder.Build();
        _app.MapGrpcService<RawService>();
        _app.MapPost("/api/{name}", (string name) => name);
        await _app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Request_OneMessage_IsAnsweredWithTrailers()
    {
        (HttpResponseMessage response, byte[] body) = await SendAsync(Raw.Framed(1, 2, 3));

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("application/grpc", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(Raw.Framed(1, 2, 3), body);
        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 7 }, "gzip", "12")]
    [InlineData(new byte[] { 1, 0, 0, 0, 1, 7 }, null, "13")]
    [InlineData(new byte[] { 3, 0, 0, 0, 1, 7 }, null, "13")]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 7 }, null, "13")]
    [InlineData(new byte[] { 0, 0 }, null, "13")]
    [InlineData(new byte[] { }, null, "13")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, null, "13")]
    [InlineData(new byte[] { 0, 255, 0, 0, 0 }, null, "8")]
    [InlineData(new byte[] { 0, 0, 0, 0, 101 }, null, "8")]
    public async Task Request_NotOneMessage_IsRefusedWithItsStatus(byte[] body, string? encoding, string status)
    {
        (HttpResponseMessage response, _) = await SendAsync(body, request =>
        {
            if (encoding is not null)
            {
                request.Headers.Add("grpc-encoding", encoding);
            }
        });

        Assert.Equal(status, response.Headers.GetValues("grpc-status").Single());
        Assert.Equal("identity", response.Headers.GetValues("grpc-accept-encoding").Single());
    }

    [Fact]
    public async Task Request_InvalidTimeout_IsIgnored()
    {
        (HttpResponseMessage response, _) = await SendAsync(Raw.Framed(1), request => request.Headers.Add("grpc-timeout", "soon"));

        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task Request_UnknownMethodOfKnownService_IsUnimplemented()
    {
        (HttpResponseMessage response, _) = await SendAsync(Raw.Framed(1), path: "/tests.Raw/Other");

        Assert.Equal("12", response.Headers.GetValues("grpc-status").Single());
        Assert.Equal("Method is unimplemented.", response.Headers.GetValues("grpc-message").Single());
    }

    [Fact]
    public async Task Request_OfAnotherKindToAnotherEndpoint_IsLeftAlone()
    {
        (HttpResponseMessage response, byte[] body) = await SendAsync(
            [], request => request.Content!.Headers.ContentType = new("text/plain"), "/api/name");

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("name"u8.ToArray(), body);
    }

    [Fact]
    public async Task Request_OverHttp1_Is426()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _app.Urls.Last() + "/tests.Raw/Unary")
        {
            Content = new ByteArrayContent(Raw.Framed(1)),
        };
        request.Content.Headers.ContentType = new("application/grpc");

        using HttpResponseMessage response = await _http.SendAsync(request);

        Assert.Equal(426, (int)response.StatusCode);
    }

    private async Task<(HttpResponseMessage Response, byte[] Body)> SendAsync(
        byte[] body, Action<HttpRequestMessage>? change = null, string path = "/tests.Raw/Unary")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _app.Urls.First() + path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new("application/grpc");
        change?.Invoke(request);
        HttpResponseMessage response = await _http.SendAsync(request);
        return (response, await response.Content.ReadAsByteArrayAsync());
    }
}
