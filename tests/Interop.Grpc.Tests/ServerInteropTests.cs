using System.Text.Json.Nodes;
using Grpc.Core;
using Winnow.Grpc.Tests.Interop.Support;
using Winnow.Grpc.Tests.Support;
using Winnow.Grpc.Tests.V1;

namespace Winnow.Grpc.Tests.Interop;

/// <summary>grpc-js calls our server.</summary>
public sealed class ServerInteropTests
{
    [NodeFact]
    public async Task Unary_MethodAnswers_PeerSeesAll()
    {
        JsonNode result = await PlayAsync("unary", new ProbeScript
        {
            Unary = async (request, context) =>
            {
                await context.WriteResponseHeadersAsync(new Metadata { { "early", "yes" } });
                context.ResponseTrailers.Add("late-bin", [1, 2]);
                return new Note { Number = request.Number + 1, Text = request.Text };
            },
        });

        Assert.Equal(0, (int)result["code"]!);
        Assert.Equal(42, (int)result["message"]!["number"]!);
        Assert.Equal("héllo", (string)result["message"]!["text"]!);
        Assert.Equal("yes", (string)result["headers"]!["early"]![0]!);
        Assert.Equal("0102", (string)result["trailers"]!["late-bin"]![0]!);
    }

    [NodeFact]
    public async Task Metadata_OfThePeer_IsRead()
    {
        Metadata? seen = null;
        JsonNode result = await PlayAsync("metadata", new ProbeScript
        {
            Unary = (request, context) =>
            {
                seen = context.RequestHeaders;
                return Task.FromResult(request);
            },
        });

        Assert.Equal(0, (int)result["code"]!);
        Assert.Equal("plain value", seen!.GetValue("text"));
        Assert.Equal([0, 1, 254, 255], seen.GetValueBytes("blob-bin"));
    }

    [NodeFact]
    public async Task Error_WithTrailers_ReachesThePeer()
    {
        JsonNode result = await PlayAsync("error", new ProbeScript
        {
            Unary = (_, _) => throw new RpcException(
                new Status(StatusCode.PermissionDenied, "nö 100%"), new Metadata { { "why", "tested" }, { "blob-bin", new byte[] { 255 } } }),
        });

        Assert.Equal(7, (int)result["code"]!);
        Assert.Equal("nö 100%", (string)result["details"]!);
        Assert.Equal("tested", (string)result["trailers"]!["why"]![0]!);
        Assert.Equal("ff", (string)result["trailers"]!["blob-bin"]![0]!);
    }

    [NodeFact]
    public async Task Missing_Method_IsUnimplemented() =>
        Assert.Equal(12, (int)(await PlayAsync("unimplemented", new ProbeScript()))["code"]!);

    [NodeFact]
    public async Task Collect_HundredRequests_AnswersTheirSum() =>
        Assert.Equal(5050, (int)(await PlayAsync("collect", new ProbeScript()))["message"]!["number"]!);

    [NodeFact]
    public async Task Spread_HundredResponses_ArriveInOrder()
    {
        JsonNode result = await PlayAsync("spread", new ProbeScript());

        Assert.Equal(Enumerable.Range(0, 100), Messages(result));
        Assert.Equal(0, (int)result["code"]!);
    }

    [NodeFact]
    public async Task Spread_FailsMidStream_BringsTheMessagesBefore()
    {
        JsonNode result = await PlayAsync("spread-fails", new ProbeScript
        {
            Spread = async (_, responses, _) =>
            {
                await responses.WriteAsync(new Note { Number = 1 });
                await responses.WriteAsync(new Note { Number = 2 });
                throw new RpcException(new Status(StatusCode.DataLoss, "gone"));
            },
        });

        Assert.Equal([1, 2], Messages(result));
        Assert.Equal(15, (int)result["code"]!);
        Assert.Equal("gone", (string)result["details"]!);
    }

    [NodeFact]
    public async Task Chat_PingPong_EndsWithStatusOk()
    {
        JsonNode result = await PlayAsync("chat", new ProbeScript());

        Assert.Equal(Enumerable.Range(1, 20), Messages(result));
        Assert.Equal(0, (int)result["code"]!);
    }

    [NodeFact]
    public async Task Deadline_OfThePeer_EndsBothSides()
    {
        var ended = new TaskCompletionSource();
        JsonNode result = await PlayAsync("deadline", new ProbeScript
        {
            Unary = async (request, context) =>
            {
                await context.UntilCancelledAsync();
                ended.SetResult();
                return request;
            },
        });

        Assert.Equal(4, (int)result["code"]!);
        await ended.Task.InTimeAsync();
    }

    [NodeFact]
    public async Task Cancel_ByThePeer_ReachesTheMethod()
    {
        var cancelled = new TaskCompletionSource();
        JsonNode result = await PlayAsync("cancel", new ProbeScript
        {
            Chat = async (_, responses, context) =>
            {
                await responses.WriteAsync(new Note());
                await context.UntilCancelledAsync();
                cancelled.SetResult();
            },
        });

        Assert.Equal(1, (int)result["code"]!);
        await cancelled.Task.InTimeAsync();
    }

    [NodeFact]
    public async Task Large_Message_ComesBackUnchanged()
    {
        JsonNode result = await PlayAsync("large", new ProbeScript());

        Assert.Equal(0, (int)result["code"]!);
        Assert.True((bool)result["same"]!);
    }

    [NodeFact]
    public async Task SendLimit_OfOurServer_IsResourceExhausted() =>
        Assert.Equal(8, (int)(await PlayAsync("send-limit", new ProbeScript()))["code"]!);

    [NodeFact]
    public async Task ReceiveLimit_OfThePeer_IsResourceExhausted() =>
        Assert.Equal(8, (int)(await PlayAsync("receive-limit", new ProbeScript()))["code"]!);

    private static IEnumerable<int> Messages(JsonNode result) => result["messages"]!.AsArray().Select(message => (int)message!);

    private static async Task<JsonNode> PlayAsync(string name, ProbeScript script)
    {
        await using ProbeHost host = await ProbeHost.StartAsync(script);
        return await NodePeer.CallAsync(host.Address, name);
    }
}
