using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Winnow.Grpc.Tests.Support;
using Winnow.Grpc.Tests.V1;

namespace Winnow.Grpc.Tests;

public sealed class SizeLimitTests
{
    private static readonly Note Big = new() { Payload = ByteString.CopyFrom(new byte[2000]) };

    [Fact]
    public async Task Client_RequestAboveItsSendLimit_IsResourceExhausted()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();
        var sut = new Probe.ProbeClient(host.Channel(new GrpcChannelOptions { MaxSendMessageSize = 1000 }));

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await sut.UnaryAsync(Big));

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }

    [Fact]
    public async Task Client_ResponseAboveItsReceiveLimit_IsResourceExhausted()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();
        var sut = new Probe.ProbeClient(host.Channel(new GrpcChannelOptions { MaxReceiveMessageSize = 1000 }));

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await sut.UnaryAsync(Big));

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }

    [Fact]
    public async Task Server_RequestAboveItsReceiveLimit_IsResourceExhaustedAndNotSeen()
    {
        int seen = 0;
        var script = new ProbeScript
        {
            Unary = (request, _) =>
            {
                seen++;
                return Task.FromResult(request);
            },
        };
        await using ProbeHost host = await ProbeHost.StartAsync(script, options => options.MaxReceiveMessageSize = 1000);

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await host.Client.UnaryAsync(Big));

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.Equal(0, seen);
    }

    [Fact]
    public async Task Server_ResponseAboveItsSendLimit_IsResourceExhausted()
    {
        await using ProbeHost host = await ProbeHost.StartAsync(configure: options => options.MaxSendMessageSize = 1000);

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await host.Client.UnaryAsync(Big));

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }

    [Fact]
    public async Task Chat_RequestAboveTheServersLimit_EndsTheStream()
    {
        await using ProbeHost host = await ProbeHost.StartAsync(configure: options => options.MaxReceiveMessageSize = 1000);

        using AsyncDuplexStreamingCall<Note, Note> sut = host.Client.Chat();
        await sut.RequestStream.WriteAsync(new Note { Number = 1 });
        Assert.True(await sut.ResponseStream.MoveNext().InTimeAsync());
        await sut.RequestStream.WriteAsync(Big);
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => sut.ResponseStream.MoveNext().InTimeAsync());

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }

    [Fact]
    public async Task Defaults_FourMebibytesToReceive_IsTheLimit()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();
        var tooBig = new Note { Payload = ByteString.CopyFrom(new byte[4 * 1024 * 1024]) };

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await host.Client.UnaryAsync(tooBig));

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }
}
