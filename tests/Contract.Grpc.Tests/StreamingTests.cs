using Google.Protobuf;
using Grpc.Core;
using Winnow.Grpc.Tests.Support;
using Winnow.Grpc.Tests.V1;

namespace Winnow.Grpc.Tests;

public sealed class StreamingTests
{
    [Fact]
    public async Task Collect_ManyRequestsThenHalfClose_AnswersTheirSum()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();

        using AsyncClientStreamingCall<Note, Note> sut = host.Client.Collect();
        for (int i = 1; i <= 1000; i++)
        {
            await sut.RequestStream.WriteAsync(new Note { Number = i });
        }

        await sut.RequestStream.CompleteAsync();
        Note response = await sut.ResponseAsync.InTimeAsync();

        Assert.Equal(500500, response.Number);
        Assert.Equal(StatusCode.OK, sut.GetStatus().StatusCode);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task Spread_SomeResponses_ArriveInOrder(int count)
    {
        await using ProbeHost host = await ProbeHost.StartAsync();

        using AsyncServerStreamingCall<Note> sut = host.Client.Spread(new Note { Number = count });
        var numbers = new List<int>();
        await foreach (Note response in sut.ResponseStream.ReadAllAsync())
        {
            numbers.Add(response.Number);
        }

        Assert.Equal(Enumerable.Range(0, count), numbers);
        Assert.Equal(StatusCode.OK, sut.GetStatus().StatusCode);
        Assert.False(await sut.ResponseStream.MoveNext());
    }

    [Fact]
    public async Task Chat_PingPong_AnswersEachRequestBeforeTheNext()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();

        using AsyncDuplexStreamingCall<Note, Note> sut = host.Client.Chat();
        for (int i = 0; i < 200; i++)
        {
            await sut.RequestStream.WriteAsync(new Note { Number = i });
            Assert.True(await sut.ResponseStream.MoveNext().InTimeAsync());
            Assert.Equal(i, sut.ResponseStream.Current.Number);
        }

        await sut.RequestStream.CompleteAsync();
        Assert.False(await sut.ResponseStream.MoveNext().InTimeAsync());
    }

    [Fact]
    public async Task Chat_ServerSpeaksFirst_IsHeardBeforeAnyRequest()
    {
        await using ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Chat = async (requests, responses, context) =>
            {
                await context.WriteResponseHeadersAsync(new Metadata { { "hello", "there" } });
                await responses.WriteAsync(new Note { Text = "first" });
                Assert.False(await requests.MoveNext());
            },
        });

        using AsyncDuplexStreamingCall<Note, Note> sut = host.Client.Chat();
        Assert.Equal("there", (await sut.ResponseHeadersAsync.InTimeAsync()).GetValue("hello"));
        Assert.True(await sut.ResponseStream.MoveNext().InTimeAsync());
        Assert.Equal("first", sut.ResponseStream.Current.Text);
        await sut.RequestStream.CompleteAsync();
        Assert.False(await sut.ResponseStream.MoveNext().InTimeAsync());
    }

    [Fact]
    public async Task Chat_HalfClosed_ServerGoesOnAnswering()
    {
        await using ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Chat = async (requests, responses, _) =>
            {
                int sum = 0;
                await foreach (Note request in requests.ReadAllAsync())
                {
                    sum += request.Number;
                }

                for (int i = 0; i < 3; i++)
                {
                    await responses.WriteAsync(new Note { Number = sum + i });
                }
            },
        });

        using AsyncDuplexStreamingCall<Note, Note> sut = host.Client.Chat();
        await sut.RequestStream.WriteAsync(new Note { Number = 10 });
        await sut.RequestStream.CompleteAsync();
        var numbers = new List<int>();
        await foreach (Note response in sut.ResponseStream.ReadAllAsync())
        {
            numbers.Add(response.Number);
        }

        Assert.Equal([10, 11, 12], numbers);
    }

    [Fact]
    public async Task Spread_ServerThrowsMidStream_BringsTheMessagesBeforeAndThenTheStatus()
    {
        await using ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Spread = async (_, responses, context) =>
            {
                context.ResponseTrailers.Add("why", "test");
                await responses.WriteAsync(new Note { Number = 1 });
                await responses.WriteAsync(new Note { Number = 2 });
                throw new RpcException(new Status(StatusCode.Aborted, "enough"), new Metadata { { "more", "x" } });
            },
        });

        using AsyncServerStreamingCall<Note> sut = host.Client.Spread(new Note());
        Assert.True(await sut.ResponseStream.MoveNext());
        Assert.True(await sut.ResponseStream.MoveNext());
        Assert.Equal(2, sut.ResponseStream.Current.Number);
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => sut.ResponseStream.MoveNext());

        Assert.Equal(StatusCode.Aborted, error.StatusCode);
        Assert.Equal("enough", error.Status.Detail);
        Assert.Equal("test", error.Trailers.GetValue("why"));
        Assert.Equal("x", sut.GetTrailers().GetValue("more"));
        Assert.Equal(StatusCode.Aborted, sut.GetStatus().StatusCode);
    }

    [Fact]
    public async Task Chat_ServerEndsFirst_ReaderGetsTheStatusAndWriterFailsWithIt()
    {
        await using ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Chat = async (requests, _, _) =>
            {
                await requests.MoveNext();
                throw new RpcException(new Status(StatusCode.FailedPrecondition, "stale epoch"));
            },
        });

        using AsyncDuplexStreamingCall<Note, Note> sut = host.Client.Chat();
        await sut.RequestStream.WriteAsync(new Note());
        RpcException read = await Assert.ThrowsAsync<RpcException>(() => sut.ResponseStream.MoveNext().InTimeAsync());
        RpcException write = await Assert.ThrowsAsync<RpcException>(() => sut.RequestStream.WriteAsync(new Note()));

        Assert.Equal(StatusCode.FailedPrecondition, read.StatusCode);
        Assert.Equal(StatusCode.FailedPrecondition, write.StatusCode);
    }

    [Fact]
    public async Task Collect_WriteAfterComplete_Throws()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();
        using AsyncClientStreamingCall<Note, Note> sut = host.Client.Collect();
        await sut.RequestStream.CompleteAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => sut.RequestStream.WriteAsync(new Note()));
        await sut;
    }

    [Fact]
    public async Task Chat_SecondReadAtOnce_Throws()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();
        using AsyncDuplexStreamingCall<Note, Note> sut = host.Client.Chat();
        Task<bool> first = sut.ResponseStream.MoveNext();

        await Assert.ThrowsAsync<InvalidOperationException>(() => sut.ResponseStream.MoveNext());
        await sut.RequestStream.CompleteAsync();
        Assert.False(await first.InTimeAsync());
    }

    [Fact]
    public async Task Spread_WriterOutlivesTheCall_Throws()
    {
        IServerStreamWriter<Note>? escaped = null;
        IAsyncStreamReader<Note>? requests = null;
        await using ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Chat = (reader, writer, _) =>
            {
                requests = reader;
                escaped = writer;
                return Task.CompletedTask;
            },
        });
        using AsyncDuplexStreamingCall<Note, Note> call = host.Client.Chat();
        Assert.False(await call.ResponseStream.MoveNext().InTimeAsync());

        await Assert.ThrowsAsync<InvalidOperationException>(() => escaped!.WriteAsync(new Note()));
        await Assert.ThrowsAsync<InvalidOperationException>(() => requests!.MoveNext());
    }

    [Fact]
    public async Task Chat_BufferedWrites_ArriveWithTheNextFlush()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();
        using AsyncDuplexStreamingCall<Note, Note> sut = host.Client.Chat();
        sut.RequestStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        await sut.RequestStream.WriteAsync(new Note { Number = 1 });
        sut.RequestStream.WriteOptions = WriteOptions.Default;
        await sut.RequestStream.WriteAsync(new Note { Number = 2 });

        Assert.True(await sut.ResponseStream.MoveNext().InTimeAsync());
        Assert.Equal(1, sut.ResponseStream.Current.Number);
        Assert.True(await sut.ResponseStream.MoveNext().InTimeAsync());
        Assert.Equal(2, sut.ResponseStream.Current.Number);
    }

    [Fact]
    public async Task Chat_ManyStreamsAtOnce_DoNotMix()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();

        async Task TalkAsync(int stream)
        {
            using AsyncDuplexStreamingCall<Note, Note> call = host.Client.Chat();
            for (int i = 0; i < 20; i++)
            {
                await call.RequestStream.WriteAsync(new Note { Number = (stream * 100) + i });
                Assert.True(await call.ResponseStream.MoveNext());
                Assert.Equal((stream * 100) + i, call.ResponseStream.Current.Number);
            }

            await call.RequestStream.CompleteAsync();
            Assert.False(await call.ResponseStream.MoveNext());
        }

        await Task.WhenAll(Enumerable.Range(0, 64).Select(TalkAsync)).InTimeAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16 * 1024 - 5)]
    [InlineData(16 * 1024 * 1024)]
    public async Task Chat_PayloadOfAnySize_ComesBackUnchanged(int size)
    {
        await using ProbeHost host = await ProbeHost.StartAsync(configure: options => options.MaxReceiveMessageSize = null);
        var client = new Probe.ProbeClient(host.Channel(new() { MaxReceiveMessageSize = null }));
        byte[] payload = new byte[size];
        new Random(size).NextBytes(payload);

        using AsyncDuplexStreamingCall<Note, Note> sut = client.Chat();
        for (int i = 0; i < 2; i++)
        {
            await sut.RequestStream.WriteAsync(new Note { Payload = UnsafeByteOperations.UnsafeWrap(payload), Number = i });
            Assert.True(await sut.ResponseStream.MoveNext().InTimeAsync());
            Assert.True(payload.AsSpan().SequenceEqual(sut.ResponseStream.Current.Payload.Span));
            Assert.Equal(i, sut.ResponseStream.Current.Number);
        }
    }
}
