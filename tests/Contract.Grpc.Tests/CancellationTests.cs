using Grpc.Core;
using Winnow.Grpc.Tests.Support;
using Winnow.Grpc.Tests.V1;

namespace Winnow.Grpc.Tests;

public sealed class CancellationTests
{
    [Fact]
    public async Task Unary_CallerCancels_IsCancelledOnBothSides()
    {
        (ProbeHost started, TaskCompletionSource entered, TaskCompletionSource cancelled) = await WaitingHostAsync();
        await using ProbeHost host = started;
        using var source = new CancellationTokenSource();

        AsyncUnaryCall<Note> sut = host.Client.UnaryAsync(new Note(), cancellationToken: source.Token);
        await entered.Task.InTimeAsync();
        await source.CancelAsync();
        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await sut.ResponseAsync.InTimeAsync());

        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        Assert.Equal(StatusCode.Cancelled, sut.GetStatus().StatusCode);
        await cancelled.Task.InTimeAsync();
    }

    [Fact]
    public async Task Unary_CallDisposed_IsCancelledOnTheServer()
    {
        (ProbeHost started, TaskCompletionSource entered, TaskCompletionSource cancelled) = await WaitingHostAsync();
        await using ProbeHost host = started;

        AsyncUnaryCall<Note> sut = host.Client.UnaryAsync(new Note());
        await entered.Task.InTimeAsync();
        sut.Dispose();

        await cancelled.Task.InTimeAsync();
    }

    [Fact]
    public async Task Chat_CallDisposed_IsCancelledOnTheServer()
    {
        (ProbeHost started, TaskCompletionSource entered, TaskCompletionSource cancelled) = await WaitingHostAsync();
        await using ProbeHost host = started;

        AsyncDuplexStreamingCall<Note, Note> sut = host.Client.Chat();
        await sut.RequestStream.WriteAsync(new Note());
        await entered.Task.InTimeAsync();
        Assert.True(await sut.ResponseStream.MoveNext().InTimeAsync());
        sut.Dispose();

        await cancelled.Task.InTimeAsync();
    }

    [Fact]
    public async Task Chat_ReadCancelled_EndsTheCallOnBothSides()
    {
        (ProbeHost started, TaskCompletionSource entered, TaskCompletionSource cancelled) = await WaitingHostAsync();
        await using ProbeHost host = started;
        using var source = new CancellationTokenSource();

        using AsyncDuplexStreamingCall<Note, Note> sut = host.Client.Chat();
        await sut.RequestStream.WriteAsync(new Note());
        await entered.Task.InTimeAsync();
        Assert.True(await sut.ResponseStream.MoveNext(source.Token).InTimeAsync());
        Task<bool> read = sut.ResponseStream.MoveNext(source.Token);
        await source.CancelAsync();
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => read.InTimeAsync());

        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        await cancelled.Task.InTimeAsync();
    }

    [Fact]
    public async Task Unary_CancelledBeforeItStarts_NeverReachesTheServer()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();

        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await host.Client.UnaryAsync(new Note(), cancellationToken: new CancellationToken(canceled: true)));

        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        Assert.Equal(0, host.Script.Instances);
    }

    [Fact]
    public async Task Channel_Disposed_CancelsItsCalls()
    {
        (ProbeHost started, TaskCompletionSource entered, TaskCompletionSource cancelled) = await WaitingHostAsync();
        await using ProbeHost host = started;
        global::Grpc.Net.Client.GrpcChannel channel = host.Channel();

        AsyncUnaryCall<Note> sut = new Probe.ProbeClient(channel).UnaryAsync(new Note());
        await entered.Task.InTimeAsync();
        channel.Dispose();
        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await sut.ResponseAsync.InTimeAsync());

        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        await cancelled.Task.InTimeAsync();
    }

    [Fact]
    public async Task Chat_ServerReadCancelled_CallGoesOn()
    {
        await using ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Chat = async (requests, responses, _) =>
            {
                using var source = new CancellationTokenSource();
                Task<bool> read = requests.MoveNext(source.Token);
                await source.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
                await responses.WriteAsync(new Note { Text = "still here" });
            },
        });

        using AsyncDuplexStreamingCall<Note, Note> sut = host.Client.Chat();
        Assert.True(await sut.ResponseStream.MoveNext().InTimeAsync());

        Assert.Equal("still here", sut.ResponseStream.Current.Text);
    }

    [Fact]
    public async Task Server_AbortsTheConnection_IsSeenAsAFailureByTheReader()
    {
        await using ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Chat = async (_, responses, context) =>
            {
                await responses.WriteAsync(new Note());
                context.GetHttpContext().Abort();
            },
        });

        using AsyncDuplexStreamingCall<Note, Note> sut = host.Client.Chat();
        RpcException error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await sut.ResponseStream.MoveNext().InTimeAsync())
            {
            }
        });

        Assert.NotEqual(StatusCode.OK, error.StatusCode);
    }

    /// <summary>A host whose methods say when they began, wait until they are cancelled, and say so.</summary>
    private static async Task<(ProbeHost Host, TaskCompletionSource Entered, TaskCompletionSource Cancelled)> WaitingHostAsync()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Unary = async (request, context) =>
            {
                entered.SetResult();
                await context.UntilCancelledAsync();
                cancelled.SetResult();
                return request;
            },
            Chat = async (_, responses, context) =>
            {
                await responses.WriteAsync(new Note());
                entered.SetResult();
                await context.UntilCancelledAsync();
                cancelled.SetResult();
            },
        });
        return (host, entered, cancelled);
    }
}
