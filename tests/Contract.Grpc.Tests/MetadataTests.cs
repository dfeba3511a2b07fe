using Grpc.Core;
using Grpc.Core.Interceptors;
using Winnow.Grpc.Tests.Support;
using Winnow.Grpc.Tests.V1;

namespace Winnow.Grpc.Tests;

public sealed class MetadataTests
{
    private static readonly byte[] AllBytes = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

    [Fact]
    public async Task Headers_TextAndBytes_ReachTheServerAndComeBack()
    {
        Metadata? seen = null;
        await using ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Unary = async (request, context) =>
            {
                seen = context.RequestHeaders;
                await context.WriteResponseHeadersAsync(new Metadata { { "all-bin", AllBytes }, { "two", "a" }, { "two", "b" } });
                context.ResponseTrailers.Add("all-bin", AllBytes);
                return request;
            },
        });

        using AsyncUnaryCall<Note> sut = host.Client.UnaryAsync(
            new Note(), new Metadata { { "Text", "hello world" }, { "all-bin", AllBytes }, { "one-bin", new byte[] { 7 } } });
        await sut;
        Metadata headers = await sut.ResponseHeadersAsync;

        Assert.Equal("hello world", seen!.GetValue("text"));
        Assert.Equal(AllBytes, seen.GetValueBytes("all-bin"));
        Assert.Equal([7], seen.GetValueBytes("one-bin"));
        Assert.Equal(AllBytes, headers.GetValueBytes("all-bin"));
        Assert.Equal(["a", "b"], headers.GetAll("two").Select(entry => entry.Value));
        Assert.Equal(AllBytes, sut.GetTrailers().GetValueBytes("all-bin"));
    }

    [Fact]
    public async Task Headers_OfTheProtocol_AreNotMetadata()
    {
        Metadata? seen = null;
        await using ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Unary = (request, context) =>
            {
                seen = context.RequestHeaders;
                return Task.FromResult(request);
            },
        });

        await host.Client.UnaryAsync(new Note(), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(1));

        Assert.DoesNotContain(seen!, entry => entry.Key is "grpc-timeout" or "content-type" or "te" or "grpc-accept-encoding");
    }

    [Fact]
    public async Task Intercept_Function_AddsAHeaderToEveryKindOfCall()
    {
        string? token = null;
        await using ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Unary = (request, context) =>
            {
                token = context.RequestHeaders.GetValue("authorization");
                return Task.FromResult(request);
            },
            Chat = (_, _, context) =>
            {
                token = context.RequestHeaders.GetValue("authorization");
                return Task.CompletedTask;
            },
        });
        CallInvoker invoker = host.Channel().Intercept(headers =>
        {
            headers.Add("authorization", "Bearer t");
            return headers;
        });
        var sut = new Probe.ProbeClient(invoker);

        await sut.UnaryAsync(new Note());
        Assert.Equal("Bearer t", token);
        token = null;
        using AsyncDuplexStreamingCall<Note, Note> call = sut.Chat();
        Assert.False(await call.ResponseStream.MoveNext().InTimeAsync());
        Assert.Equal("Bearer t", token);
    }

    [Fact]
    public void Add_KeyAndValueOfDifferentKinds_Throws()
    {
        var sut = new Metadata();

        Assert.Throws<ArgumentException>(() => sut.Add("x-bin", "text"));
        Assert.Throws<ArgumentException>(() => sut.Add("x", new byte[] { 1 }));
        Assert.Throws<ArgumentException>(() => sut.Add("not valid", "text"));
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("x", "y"));
    }

    [Fact]
    public void Get_SeveralEntries_TakesTheLastInAnyCase()
    {
        var sut = new Metadata { { "Key", "first" }, { "key", "last" }, { "b-bin", new byte[] { 65 } } };

        Assert.Equal("last", sut.GetValue("KEY"));
        Assert.Equal("key", sut[0].Key);
        Assert.Null(sut.GetValue("other"));
        Assert.Equal("last"u8.ToArray(), sut.GetValueBytes("key"));
        Assert.Throws<InvalidOperationException>(() => sut.GetValue("b-bin"));
    }
}
