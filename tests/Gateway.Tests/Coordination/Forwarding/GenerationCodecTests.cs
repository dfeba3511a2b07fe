using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Forwarding;
using Winnow.Gateway.Tests.Coordination.Support;
using V1 = Winnow.Contracts.V1;

namespace Winnow.Gateway.Tests.Coordination.Forwarding;

/// <summary>What another gateway says that it generated is checked before it is believed.</summary>
public sealed class GenerationCodecTests
{
    private static readonly GenerationRequest Request = Requests.Of(4, 10) with { Generated = [1, 2], VocabularySize = FakePipeline.Vocabulary };

    private static readonly Dictionary<string, Action<V1.GenerateReply>> Lies = new()
    {
        ["no tokens"] = static reply => reply.Tokens.Clear(),
        ["more than are left"] = static reply => reply.Tokens.Add(Enumerable.Repeat(3, 5)),
        ["an id below zero"] = static reply => reply.Tokens[1] = -1,
        ["an id beyond the vocabulary"] = static reply => reply.Tokens[1] = FakePipeline.Vocabulary,
        ["log-probabilities nobody asked for"] = static reply => reply.Logprobs.Add(new V1.TokenLogprobs()),
        ["more accepted than drafted"] = static reply => reply.Accepted = 5,
        ["fewer than no drafts"] = static reply => (reply.Drafted, reply.Accepted, reply.DraftDepth) = (-1, -1, -1),
        ["more drafts than there can be"] = static reply => reply.Drafted = SpeculationOptions.MaxTreeNodes + 1,
        ["deeper than drafted"] = static reply => reply.DraftDepth = 5,
        ["more cached than the prompt has"] = static reply => reply.CachedPromptTokens = 5,
        ["an end that is none"] = static reply => reply.Finish = (V1.FinishReason)9,
    };

    public static TheoryData<string> Names => new([.. Lies.Keys]);

    [Theory]
    [MemberData(nameof(Names))]
    public void Decode_ReplyThatCannotBe_SaysWhatIsAllowed(string lie)
    {
        V1.GenerateReply reply = Reply();
        Lies[lie](reply);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => GenerationCodec.Decode(reply, Request, generated: 4));

        Assert.Contains("after '4' of at most '10'", error.Message, StringComparison.Ordinal);
        Assert.Contains("a vocabulary of '50'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_ReplyThatFits_TakesItAsItIs()
    {
        GeneratedTokens tokens = GenerationCodec.Decode(Reply(), Request, generated: 8);

        Assert.Equal([7, 49], tokens.Tokens);
        Assert.Equal((4, 1, 4, 4, FinishReason.Length), (tokens.Drafted, tokens.Accepted, tokens.DraftDepth, tokens.CachedPromptTokens, tokens.Finish));
    }

    private static V1.GenerateReply Reply() => new() { Tokens = { 7, 49 }, Drafted = 4, Accepted = 1, DraftDepth = 4, CachedPromptTokens = 4, Finish = V1.FinishReason.Length };
}
