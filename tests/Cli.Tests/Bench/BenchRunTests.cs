using Winnow.Cli.Bench;
using Winnow.Cli.Engine;
using Winnow.Cli.Tests.Support;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Sampling;

namespace Winnow.Cli.Tests.Bench;

/// <summary>The figures of a benchmark, worked out by hand.</summary>
public sealed class BenchRunTests
{
    private static readonly GenerationRequest Request = new() { RequestId = "test", PromptTokens = [1], Sampling = new SamplingParameters(), MaxTokens = 8 };

    [Fact]
    public async Task From_TwoSequences_GivesTheDocumentedFigures()
    {
        var time = new ManualTime();
        TokenGeneration first = await RunAsync(time, (100, Step(1)), (150, Step(2, drafted: 3, accepted: 1)), (200, Step(3, drafted: 2, accepted: 2)));
        TokenGeneration second = await RunAsync(time, (120, Step(2, drafted: 4, accepted: 1)), (220, Step(1, drafted: 1)));

        var run = BenchRun.From(promptTokens: 30, [first, second], time);

        Assert.Equal(30 / 0.120, run.PrefillTokensPerSecond, 6);
        Assert.Equal((2 + 3 + 1) / 0.100, run.DecodeTokensPerSecond, 6);
        Assert.Equal((6 + 3) / 0.220, run.TokensPerSecond, 6);
        Assert.Equal(110, run.TimeToFirstTokenMs, 6);
        Assert.Equal((4 + 5) / 5.0, run.AcceptLength, 6);
        Assert.Equal(4 / 10.0, run.Acceptance, 6);
    }

    [Fact]
    public async Task From_OneTokenWithoutDrafts_HasNoDecodeSpeedAndNoAcceptance()
    {
        var time = new ManualTime();
        TokenGeneration only = await RunAsync(time, (50, Step(1)));

        var run = BenchRun.From(promptTokens: 10, [only], time);

        Assert.Equal(new BenchRun(200, 0, 20, 50, 1, 0), run);
    }

    [Theory]
    [InlineData(2, new double[] { 3, 1, 2 })]
    [InlineData(2.5, new double[] { 4, 1, 3, 2 })]
    [InlineData(7, new double[] { 7 })]
    public void Median_OfValues_IsTheMiddle(double expected, double[] values) => Assert.Equal(expected, BenchRun.Median(values));

    private static GeneratedTokens Step(int tokens, int drafted = 0, int accepted = 0) => new() { Tokens = new int[tokens], Drafted = drafted, Accepted = accepted };

    private static Task<TokenGeneration> RunAsync(ManualTime time, params (long AtMs, GeneratedTokens Step)[] script)
    {
        time.NowMs = 0;
        return TokenGeneration.RunAsync(new ScriptedGenerator(time, script), Request, time, null, CancellationToken.None);
    }
}
