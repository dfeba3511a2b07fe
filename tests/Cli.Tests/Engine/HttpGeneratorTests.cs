using System.Net;
using System.Text.Json.Nodes;
using Winnow.Cli.Engine;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Sampling;

namespace Winnow.Cli.Tests.Engine;

/// <summary>The client of the gateway's stream: what it asks for and how it reads the answer.</summary>
public sealed class HttpGeneratorTests
{
    private const string FirstChunk = """data: {"choices":[{"token_ids":[5,6],"logprobs":null,"finish_reason":null}]}""";
    private const string LastChunk = """data: {"choices":[{"token_ids":[7],"logprobs":null,"finish_reason":"length"}]}""";
    private const string Usage = """data: {"choices":[],"usage":{"speculation":{"drafted":4,"accepted":2}}}""";
    private const string Done = "data: [DONE]";

    private static readonly GenerationRequest Request = new()
    {
        RequestId = "test",
        PromptTokens = [1, 2],
        Sampling = new SamplingParameters { Temperature = 0.5f, TopK = 4, Seed = ulong.MaxValue },
        MaxTokens = 3,
        Speculation = new SpeculationOptions { FixedDraftTokens = 2 },
        UsePrefixCache = false,
    };

    [Fact]
    public async Task GenerateAsync_Stream_GivesStepsAndCountsWithTheLast()
    {
        List<GeneratedTokens> steps = await ReadAsync(FirstChunk, LastChunk, Usage, Done);

        Assert.Equal([[5, 6], [7]], steps.Select(step => step.Tokens));
        Assert.Equal([FinishReason.None, FinishReason.Length], steps.Select(step => step.Finish));
        Assert.Equal([(0, 0), (4, 2)], steps.Select(step => (step.Drafted, step.Accepted)));
    }

    [Fact]
    public async Task GenerateAsync_Logprobs_AreReadByTokenId()
    {
        List<GeneratedTokens> steps = await ReadAsync(
            """data: {"choices":[{"token_ids":[7],"logprobs":{"token_logprobs":[-0.5],"top_logprobs":[{"token_id:7":-0.5,"token_id:9":-1.5}]},"finish_reason":"stop"}]}""", Done);

        GeneratedTokens step = Assert.Single(steps);
        Assert.Equal(FinishReason.Stop, step.Finish);
        Assert.Equal(-0.5f, Assert.Single(step.Logprobs).Logprob);
        Assert.Equal([7, 9], step.Logprobs[0].TopIds);
        Assert.Equal([-0.5f, -1.5f], step.Logprobs[0].TopLogprobs);
    }

    [Fact]
    public async Task GenerateAsync_Request_IsSentWithEverythingThatMatters()
    {
        using var gateway = new FakeGateway(HttpStatusCode.OK, string.Join('\n', LastChunk, Usage, Done));

        await ReadAsync(gateway, Request);

        JsonNode body = JsonNode.Parse(gateway.Sent)!;
        Assert.Equal([1, 2], body["prompt"]!.AsArray().Select(id => id!.GetValue<int>()));
        Assert.Equal(("m", 3, 4, -1L), (body["model"]!.GetValue<string>(), body["max_tokens"]!.GetValue<int>(), body["top_k"]!.GetValue<int>(), body["seed"]!.GetValue<long>()));
        Assert.Equal(0.5f, body["temperature"]!.GetValue<float>());
        Assert.Equal(2, body["speculation"]!["draft_tokens"]!.GetValue<int>());
        Assert.True(body["ignore_eos"]!.GetValue<bool>());
        Assert.False(body["cache_prompt"]!.GetValue<bool>());
        Assert.Null(body["logprobs"]);
    }

    [Fact]
    public async Task GenerateAsync_StopTokensAndLogprobs_ChangeTheRequest()
    {
        using var gateway = new FakeGateway(HttpStatusCode.OK, string.Join('\n', LastChunk, Usage, Done));

        await ReadAsync(gateway, Request with { StopTokens = [9], Speculation = SpeculationOptions.Adaptive, Sampling = new SamplingParameters { Logprobs = true, TopLogprobs = 3 } });

        JsonNode body = JsonNode.Parse(gateway.Sent)!;
        Assert.False(body["ignore_eos"]!.GetValue<bool>());
        Assert.Equal(3, body["logprobs"]!.GetValue<int>());
        Assert.Null(body["speculation"]);
    }

    [Theory]
    [InlineData(400, """{"error":{"message":"top_k is wrong."}}""", "top_k is wrong.")]
    [InlineData(502, "<html>", "The gateway answered 502: <html>")]
    [InlineData(500, "[]", "The gateway answered 500: []")]
    public async Task GenerateAsync_Refusal_ThrowsTheGatewaysWords(int status, string answer, string expected)
    {
        using var gateway = new FakeGateway((HttpStatusCode)status, answer);

        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => ReadAsync(gateway, Request));

        Assert.Equal(expected, error.Message);
    }

    [Fact]
    public async Task GenerateAsync_ErrorInTheStream_Throws()
    {
        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => ReadAsync(FirstChunk, """data: {"error":{"message":"A worker is gone."}}"""));

        Assert.Equal("A worker is gone.", error.Message);
    }

    [Fact]
    public async Task GenerateAsync_StreamThatBreaksOff_Throws()
    {
        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => ReadAsync(FirstChunk));

        Assert.Contains("without a finish reason", error.Message, StringComparison.Ordinal);
    }

    private static async Task<List<GeneratedTokens>> ReadAsync(params string[] lines)
    {
        using var gateway = new FakeGateway(HttpStatusCode.OK, string.Join("\n\n", lines));
        return await ReadAsync(gateway, Request);
    }

    private static async Task<List<GeneratedTokens>> ReadAsync(FakeGateway gateway, GenerationRequest request)
    {
        using var client = new HttpClient(gateway, disposeHandler: false) { BaseAddress = new Uri("http://gateway") };
        var sut = new HttpGenerator(client, "m");
        var steps = new List<GeneratedTokens>();
        await foreach (GeneratedTokens step in sut.GenerateAsync(request, CancellationToken.None))
        {
            steps.Add(step);
        }
        return steps;
    }
}
