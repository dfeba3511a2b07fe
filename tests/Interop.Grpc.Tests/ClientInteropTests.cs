using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Winnow.Grpc.Tests.Interop.Support;
using Winnow.Grpc.Tests.Support;
using Winnow.Grpc.Tests.V1;

namespace Winnow.Grpc.Tests.Interop;

/// <summary>Our client calls a server of grpc-js.</summary>
public sealed class ClientInteropTests(NodeServer server) : IClassFixture<NodeServer>
{
    private readonly Probe.ProbeClient _client = server.Client;

    [NodeFact]
    public async Task Unary_TextAndBytesInMetadata_ComeBackInHeadersAndTrailers()
    {
        using AsyncUnaryCall<Note> sut = _client.UnaryAsync(
            new Note { Number = 42, Text = "héllo" },
            new Metadata { { "text", "plain value" }, { "blob-bin", new byte[] { 0, 1, 254, 255 } } });
        Note response = await sut.ResponseAsync.InTimeAsync();
        Metadata headers = await sut.ResponseHeadersAsync;

        Assert.Equal(new Note { Number = 42, Text = "héllo" }, response);
        Assert.Equal("plain value", headers.GetValue("seen-text"));
        Assert.Equal([0, 1, 254, 255], headers.GetValueBytes("seen-bin"));
        Assert.Equal([0, 1, 254, 255], sut.GetTrailers().GetValueBytes("seen-bin"));
        Assert.Equal(StatusCode.OK, sut.GetStatus().StatusCode);
    }

    [NodeFact]
    public async Task Unary_PeerFails_BringsStatusDetailAndTrailers()
    {
        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await _client.UnaryAsync(new Note { Text = "fail" }).ResponseAsync.InTimeAsync());

        Assert.Equal(StatusCode.Aborted, error.StatusCode);
        Assert.Equal("nö 50%", error.Status.Detail);
        Assert.Equal("asked for", error.Trailers.GetValue("why"));
        Assert.Equal([9, 0, 255], error.Trailers.GetValueBytes("blob-bin"));
    }

    [NodeFact]
    public async Task Missing_Method_IsUnimplemented()
    {
        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await _client.MissingAsync(new Note()).ResponseAsync.InTimeAsync());

        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
    }

    [NodeFact]
    public async Task Collect_HundredRequests_BringsTheirSum()
    {
        using AsyncClientStreamingCall<Note, Note> sut = _client.Collect();
        for (int i = 1; i <= 100; i++)
        {
            await sut.RequestStream.WriteAsync(new Note { Number = i });
        }

        await sut.RequestStream.CompleteAsync();

        Assert.Equal(5050, (await sut.ResponseAsync.InTimeAsync()).Number);
    }

    [NodeFact]
    public async Task Spread_HundredResponses_ArriveInOrder()
    {
        using AsyncServerStreamingCall<Note> sut = _client.Spread(new Note { Number = 100 });
        var numbers = new List<int>();
        await foreach (Note response in sut.ResponseStream.ReadAllAsync())
        {
            numbers.Add(response.Number);
        }

        Assert.Equal(Enumerable.Range(0, 100), numbers);
    }

    [NodeFact]
    public async Task Spread_PeerFailsMidStream_BringsTheMessagesBefore()
    {
        using AsyncServerStreamingCall<Note> sut = _client.Spread(new Note { Number = 2, Text = "fail" });
        Assert.True(await sut.ResponseStream.MoveNext().InTimeAsync());
        Assert.True(await sut.ResponseStream.MoveNext().InTimeAsync());
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => sut.ResponseStream.MoveNext().InTimeAsync());

        Assert.Equal(StatusCode.Aborted, error.StatusCode);
        Assert.Equal("asked for", sut.GetTrailers().GetValue("why"));
    }

    [NodeFact]
    public async Task Chat_PingPong_EndsWithStatusOk()
    {
        using AsyncDuplexStreamingCall<Note, Note> sut = _client.Chat();
        for (int i = 0; i < 50; i++)
        {
            await sut.RequestStream.WriteAsync(new Note { Number = i });
            Assert.True(await sut.ResponseStream.MoveNext().InTimeAsync());
            Assert.Equal(i, sut.ResponseStream.Current.Number);
        }

        await sut.RequestStream.CompleteAsync();
        Assert.False(await sut.ResponseStream.MoveNext().InTimeAsync());
        Assert.Equal(StatusCode.OK, sut.GetStatus().StatusCode);
    }

    [NodeFact]
    public async Task Chat_PeerFails_EndsReaderAndWriter()
    {
        using AsyncDuplexStreamingCall<Note, Note> sut = _client.Chat();
        await sut.RequestStream.WriteAsync(new Note { Text = "fail" });
        RpcException read = await Assert.ThrowsAsync<RpcException>(() => sut.ResponseStream.MoveNext().InTimeAsync());
        RpcException write = await Assert.ThrowsAsync<RpcException>(() => sut.RequestStream.WriteAsync(new Note()));

        Assert.Equal(StatusCode.Aborted, read.StatusCode);
        Assert.Equal(StatusCode.Aborted, write.StatusCode);
    }

    [NodeFact]
    public async Task Unary_DeadlinePasses_IsDeadlineExceeded()
    {
        DateTime deadline = TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(200);

        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await _client.UnaryAsync(new Note { Text = "wait" }, deadline: deadline).ResponseAsync.InTimeAsync());

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
    }

    [NodeFact]
    public async Task Chat_Cancelled_PeerNoticesIt()
    {
        int before = (await _client.UnaryAsync(new Note { Text = "cancelled" })).Number;
        using var source = new CancellationTokenSource();
        using AsyncDuplexStreamingCall<Note, Note> sut = _client.Chat(cancellationToken: source.Token);
        await sut.RequestStream.WriteAsync(new Note());
        Assert.True(await sut.ResponseStream.MoveNext().InTimeAsync());

        await source.CancelAsync();
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => sut.ResponseStream.MoveNext().InTimeAsync());

        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        using var patience = new CancellationTokenSource(ProbeHost.Patience);
        while ((await _client.UnaryAsync(new Note { Text = "cancelled" }, cancellationToken: patience.Token)).Number == before)
        {
        }
    }

    [NodeFact]
    public async Task Chat_LargeMessages_ComeBackUnchanged()
    {
        byte[] payload = new byte[3_000_000];
        new Random(1).NextBytes(payload);
        using AsyncDuplexStreamingCall<Note, Note> sut = _client.Chat();
        for (int i = 0; i < 3; i++)
        {
            await sut.RequestStream.WriteAsync(new Note { Payload = UnsafeByteOperations.UnsafeWrap(payload) });
            Assert.True(await sut.ResponseStream.MoveNext().InTimeAsync());
            Assert.True(payload.AsSpan().SequenceEqual(sut.ResponseStream.Current.Payload.Span));
        }
    }

    [NodeFact]
    public async Task Unary_RequestAboveThePeersLimit_IsResourceExhausted()
    {
        var big = new Note { Payload = ByteString.CopyFrom(new byte[5_000_000]) };

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await _client.UnaryAsync(big).ResponseAsync.InTimeAsync());

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }

    [NodeFact]
    public async Task Unary_ResponseAboveOurLimit_IsResourceExhausted()
    {
        using var channel = GrpcChannel.ForAddress(server.Address, new GrpcChannelOptions { MaxReceiveMessageSize = 1000 });
        var client = new Probe.ProbeClient(channel);

        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await client.UnaryAsync(new Note { Text = "large", Number = 2000 }).ResponseAsync.InTimeAsync());

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
    }
}
