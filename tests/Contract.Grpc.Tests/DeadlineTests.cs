using Grpc.Core;
using Winnow.Grpc.Tests.Support;
using Winnow.Grpc.Tests.V1;

namespace Winnow.Grpc.Tests;

public sealed class DeadlineTests
{
    private static DateTime In(TimeSpan time) => TimeProvider.System.GetUtcNow().UtcDateTime + time;

    [Fact]
    public async Task Unary_DeadlinePasses_EndsBothSides()
    {
        var ended = new TaskCompletionSource();
        await using ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Unary = async (request, context) =>
            {
                await context.UntilCancelledAsync();
                ended.SetResult();
                return request;
            },
        });

        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await host.Client.UnaryAsync(new Note(), deadline: In(TimeSpan.FromSeconds(1))));

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        await ended.Task.InTimeAsync();
    }

    [Fact]
    public async Task Chat_DeadlinePassesWhileReading_IsDeadlineExceeded()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();

        using AsyncDuplexStreamingCall<Note, Note> sut = host.Client.Chat(deadline: In(TimeSpan.FromSeconds(3)));
        await sut.RequestStream.WriteAsync(new Note { Number = 5 });
        Assert.True(await sut.ResponseStream.MoveNext().InTimeAsync());
        RpcException error = await Assert.ThrowsAsync<RpcException>(() => sut.ResponseStream.MoveNext().InTimeAsync());

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        Assert.Equal(StatusCode.DeadlineExceeded, sut.GetStatus().StatusCode);
        RpcException write = await Assert.ThrowsAsync<RpcException>(() => sut.RequestStream.WriteAsync(new Note()));
        Assert.Equal(StatusCode.DeadlineExceeded, write.StatusCode);
    }

    [Fact]
    public async Task Unary_DeadlineInThePast_NeverReachesTheServer()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();

        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await host.Client.UnaryAsync(new Note(), deadline: In(-TimeSpan.FromSeconds(1))));

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        Assert.Equal(0, host.Script.Instances);
    }

    [Fact]
    public async Task Unary_DeadlineGiven_ServerKnowsIt()
    {
        DateTime seen = default;
        await using ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Unary = (request, context) =>
            {
                seen = context.Deadline;
                return Task.FromResult(request);
            },
        });
        DateTime deadline = In(TimeSpan.FromMinutes(10));

        await host.Client.UnaryAsync(new Note(), deadline: deadline);
        Assert.InRange(seen, deadline - TimeSpan.FromSeconds(5), deadline + TimeSpan.FromSeconds(5));
        await host.Client.UnaryAsync(new Note());
        Assert.Equal(DateTime.MaxValue, seen);
    }

    [Fact]
    public async Task Unary_DeadlineNotUtc_Throws()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();
        DateTime local = DateTime.SpecifyKind(In(TimeSpan.FromMinutes(1)), DateTimeKind.Local);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await host.Client.UnaryAsync(new Note(), deadline: local));
    }

    [Fact]
    public async Task Server_MethodIgnoresTheDeadline_AnswersForItself()
    {
        var release = new TaskCompletionSource();
        await using ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Unary = async (request, _) =>
            {
                await release.Task;
                return request;
            },
        });
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, host.Address + "/winnow.tests.v1.Probe/Unary")
        {
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(new byte[5]),
        };
        request.Content.Headers.Add("Content-Type", "application/grpc");
        request.Headers.Add("grpc-timeout", "100m");

        using HttpResponseMessage response = await http.SendAsync(request).InTimeAsync();
        release.SetResult();

        Assert.Equal("4", response.Headers.GetValues("grpc-status").Single());
    }
}
