using Winnow.Gateway.Api;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Serving;
using Winnow.Gateway.Tests.Api;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Tests.Serving;

public sealed class ChoiceRunnerTests
{
    [Fact]
    public async Task Run_TokensOfAnEarlierRun_AreSentAsFarAsTheClientLacksThemAndCountedOnlyAsTheAnswers()
    {
        var generator = new ScriptedGenerator("abcdefghij", tokensPerStep: 1);
        var model = new ServedModel
        {
            Name = "test",
            Tokenizer = new ByteTokenizer(),
            Template = null,
            ContextTokens = 512,
            Generator = generator,
            Fingerprint = () => "",
            Created = DateTimeOffset.UnixEpoch,
        };
        GenerationRequest request = Requests.Of(4, 8) with { Generated = ['a', 'b', 'c', 'd', 'e'] };
        var sut = new UsageCounter(promptTokens: 4, AcceptanceRule.Coupled);
        List<ChoiceUpdate> updates = [];

        await foreach (ChoiceUpdate update in ChoiceRunner.RunAsync(model, [request], [], [new ChoiceResume(2, IsEndTold: false, FinishReason.None)], CancellationToken.None))
        {
            updates.Add(update);
            sut.Add(update);
        }

        Assert.Equal(["", "cde", "f", "g", "h"], updates.Select(update => update.Text));
        Assert.Equal([true, true, false, false, false], updates.Select(update => update.IsReplay));
        Usage usage = sut.ToUsage();
        Assert.Equal((8, 3), (usage.CompletionTokens, usage.Speculation!.Steps));
    }
}
