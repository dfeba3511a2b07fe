using Grpc.Core;
using Winnow.Grpc.Tests.Support;
using Winnow.Grpc.Tests.V1;

namespace Winnow.Grpc.Tests;

public sealed class UnaryTests
{
    [Fact]
    public async Task Unary_MethodAnswers_BringsHeadersResponseStatusAndTrailers()
    {
        var script = new ProbeScript
        {
            Unary = async (request, context) =>
            {
                await context.WriteResponseHeadersAsync(new Metadata { { "early", "yes" } });
                context.ResponseTrailers.Add("late", "also");
                return new Note { Number = request.Number + 1, Text = context.Method };
            },
        };
        await using ProbeHost host = await ProbeHost.StartAsync(script);

        using AsyncUnaryCall<Note> sut = host.Client.UnaryAsync(new Note { Number = 41 });
        Note response = await sut;

        Assert.Equal(new Note { Number = 42, Text = "/winnow.tests.v1.Probe/Unary" }, response);
        Assert.Equal("yes", (await sut.ResponseHeadersAsync).GetValue("early"));
        Assert.Equal("also", sut.GetTrailers().GetValue("late"));
        Assert.Equal(Status.DefaultSuccess, sut.GetStatus());
    }

    [Fact]
    public async Task BlockingUnary_MethodAnswers_ReturnsResponse()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();

        Note response = host.Client.Unary(new Note { Text = "x" });

        Assert.Equal("x", response.Text);
    }

    [Fact]
    public async Task Unary_StatusBeforeTheEnd_Throws()
    {
        var gate = new TaskCompletionSource();
        await using ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Unary = async (request, _) =>
            {
                await gate.Task;
                return request;
            },
        });
        using AsyncUnaryCall<Note> sut = host.Client.UnaryAsync(new Note());

        Assert.Throws<InvalidOperationException>(() => sut.GetStatus());
        Assert.Throws<InvalidOperationException>(() => sut.GetTrailers());
        gate.SetResult();
        await sut;
    }

    [Fact]
    public async Task Unary_MethodThrowsRpcException_BringsStatusDetailAndTrailers()
    {
        var trailers = new Metadata { { "reason", "tested" }, { "blob-bin", new byte[] { 0, 255 } } };
        await using ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Unary = (_, _) => throw new RpcException(new Status(StatusCode.NotFound, "nö 100%\n"), trailers),
        });

        using AsyncUnaryCall<Note> sut = host.Client.UnaryAsync(new Note());
        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await sut);

        Assert.Equal(StatusCode.NotFound, error.StatusCode);
        Assert.Equal("nö 100%\n", error.Status.Detail);
        Assert.Equal("tested", error.Trailers.GetValue("reason"));
        Assert.Equal([0, 255], error.Trailers.GetValueBytes("blob-bin"));
        Assert.Equal(StatusCode.NotFound, sut.GetStatus().StatusCode);
        Assert.Equal("tested", sut.GetTrailers().GetValue("reason"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Unary_MethodThrows_IsUnknownAndTellsOnlyWhenAllowed(bool detailed)
    {
        var script = new ProbeScript { Unary = (_, _) => throw new InvalidOperationException("secret") };
        await using ProbeHost host = await ProbeHost.StartAsync(script, options => options.EnableDetailedErrors = detailed);

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await host.Client.UnaryAsync(new Note()));

        Assert.Equal(StatusCode.Unknown, error.StatusCode);
        Assert.Equal(detailed, error.Status.Detail.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unary_MethodSetsStatus_FailsDespiteItsResponse()
    {
        await using ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Unary = (request, context) =>
            {
                context.Status = new Status(StatusCode.DataLoss, "half");
                return Task.FromResult(request);
            },
        });

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await host.Client.UnaryAsync(new Note()));

        Assert.Equal(StatusCode.DataLoss, error.StatusCode);
        Assert.Equal("half", error.Status.Detail);
    }

    [Fact]
    public async Task Unary_MethodNotOverridden_IsUnimplemented()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await host.Client.MissingAsync(new Note()));

        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
    }

    [Fact]
    public async Task Unary_ServiceNotMapped_IsUnimplemented()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();
        var sut = new Absent.AbsentClient(host.Channel());

        RpcException error = await Assert.ThrowsAsync<RpcException>(async () => await sut.UnaryAsync(new Note()));

        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
        Assert.Equal("Service is unimplemented.", error.Status.Detail);
    }

    [Fact]
    public async Task Unary_NobodyListens_IsUnavailable()
    {
        ProbeHost host = await ProbeHost.StartAsync();
        string address = host.Address;
        await host.DisposeAsync();
        using var channel = global::Grpc.Net.Client.GrpcChannel.ForAddress(address);

        RpcException error = await Assert.ThrowsAsync<RpcException>(
            async () => await new Probe.ProbeClient(channel).UnaryAsync(new Note()));

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
    }

    [Fact]
    public async Task Service_EveryCall_GetsItsOwnInstanceAndDisposesIt()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();

        await host.Client.UnaryAsync(new Note());
        await host.Client.UnaryAsync(new Note());

        Assert.Equal(2, host.Script.Instances);
        Assert.Equal(2, host.Script.Disposed);
    }

    [Fact]
    public async Task Context_Peer_IsTheClientsAddress()
    {
        await using ProbeHost host = await ProbeHost.StartAsync(new ProbeScript
        {
            Unary = (_, context) => Task.FromResult(new Note
            {
                Text = context.Peer,
                Number = context.GetHttpContext().Connection.RemotePort,
            }),
        });

        Note response = await host.Client.UnaryAsync(new Note());

        Assert.Equal($"ipv4:127.0.0.1:{response.Number}", response.Text);
    }

    [Fact]
    public async Task ContentType_NotGrpc_Is415()
    {
        await using ProbeHost host = await ProbeHost.StartAsync();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, host.Address + "/winnow.tests.v1.Probe/Unary")
        {
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent("{}"),
        };

        using HttpResponseMessage response = await http.SendAsync(request);

        Assert.Equal(415, (int)response.StatusCode);
    }
}
