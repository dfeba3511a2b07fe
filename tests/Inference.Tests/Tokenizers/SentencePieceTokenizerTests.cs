using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Files;
using Winnow.Inference.Tokenizers;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Tokenizers;

public sealed class SentencePieceTokenizerTests
{
    private static readonly ITokenizer Small = TokenizerSample.Read(TokenizerSample.FromJson("vocabulary-llama.json"));

    [Fact]
    public void Encode_ArbitraryUnicode_DecodesToTheSameText() =>
        Prop.ForAll(UnicodeText.Arbitrary, text =>
        {
            // The mark is how a space is spelled, so a mark in the text comes back as a space.
            string expected = text.Replace('\u2581', ' ');
            return Small.Decode(Small.Encode(text, false, false), skipSpecial: false).Replace('\u2581', ' ') == expected
                && Small.Decode(Small.Encode(text, true, false), skipSpecial: true).Replace('\u2581', ' ') == expected;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Encode_LoneSurrogate_CountsAsReplacementCharacter() =>
        Assert.Equal(Small.Encode("a\uFFFDb", false, false), Small.Encode("a\uD800b", false, false));

    [Fact]
    public void Encode_EqualScores_MergesTheLeftmostFirst()
    {
        ITokenizer sut = Create(("ab", -1, 1), ("bc", -1, 1), ("abc", -3, 1), ("cd", -2, 1));

        Assert.Equal(["abc"], Pieces(sut, "abc"));
        Assert.Equal(["ab", "cd"], Pieces(sut, "abcd"));
        Assert.Equal(["bc"], Pieces(sut, "bc"));
    }

    [Fact]
    public void Encode_NameOfControlTokenFromParts_StaysText()
    {
        ITokenizer sut = Create(("</", -1, 1), ("s>", -2, 1), ("</s>", 0, 3));

        Assert.Equal(["</", "s>"], Pieces(sut, "</s>"));
        Assert.Equal(["</s>"], sut.Encode("</s>", false, parseSpecial: true).Select(sut.TokenText));
    }

    [Fact]
    public void Encode_CharacterWithoutToken_BecomesItsBytes()
    {
        ITokenizer sut = Create(("ab", -1, 1));

        Assert.Equal(["<0xF0>", "<0x9F>", "<0x90>", "<0xA2>", "<0x00>"], Pieces(sut, "🐢\0"));
    }

    [Fact]
    public void Decode_PromptAndContinuation_AddUp()
    {
        int[] prompt = Small.Encode("The tokens", true, false);
        int[] whole = Small.Encode("The tokens of a request", true, false);
        StreamingDetokenizer rest = new(Small);

        string continued = string.Concat(whole[prompt.Length..].Select(rest.Push)) + rest.Flush();

        Assert.Equal(" of a request", continued);
        Assert.Equal("The tokens of a request", Small.Decode(prompt, skipSpecial: true) + continued);
    }

    [Fact]
    public void Push_ByteTokens_GiveTheCharacterWithTheLastOne()
    {
        StreamingDetokenizer sut = new(Small);

        Assert.Equal(["", "", "", "🐢"], Small.Encode("x🐢", false, false)[^4..].Select(sut.Push));
    }

    [Fact]
    public void Encode_NoRolesInTheFile_TakesTheUsualOnes()
    {
        ITokenizer sut = TokenizerSample.Read(TokenizerSample.FromJson("vocabulary-llama.json")
            .Without("tokenizer.ggml.bos_token_id").Without("tokenizer.ggml.eos_token_id").Without("tokenizer.ggml.unknown_token_id"));

        Assert.Equal((1, 2, true), (sut.BeginToken, sut.EndToken, sut.AddsBeginToken));
        Assert.Equal(1, sut.Encode("x", addSpecial: true, parseSpecial: false)[0]);
    }

    [Theory]
    [InlineData(new[] { 1f }, "element count is '1'")]
    [InlineData(null, "element 3 is 'NaN'; expected a number")]
    public void FromFile_BadScores_NamesThem(float[]? scores, string expected)
    {
        GgufBuilder builder = TokenizerSample.FromJson("vocabulary-llama.json");
        int count = Small.VocabularySize;
        scores ??= [.. Enumerable.Range(0, count).Select(id => id == 3 ? float.NaN : 0)];

        ModelFileException error = Assert.Throws<ModelFileException>(() =>
            TokenizerSample.Read(builder.Without("tokenizer.ggml.scores").Set("tokenizer.ggml.scores", scores)));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Pieces(ITokenizer tokenizer, string text) => tokenizer.Encode(text, false, false).Select(tokenizer.TokenText);

    private static ITokenizer Create(params (string Text, float Score, int Type)[] tokens) => TokenizerSample.Read(new GgufBuilder()
        .Set("tokenizer.ggml.model", "llama")
        .Set("tokenizer.ggml.tokens", (string[])["<unk>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), "a", "b", "c", "d", "<", "/", "s", ">", .. tokens.Select(token => token.Text)])
        .Set("tokenizer.ggml.token_type", (int[])[2, .. Enumerable.Repeat(6, 256), .. Enumerable.Repeat(1, 8), .. tokens.Select(token => token.Type)])
        .Set("tokenizer.ggml.scores", (float[])[.. Enumerable.Repeat(0f, 257), .. Enumerable.Repeat(-9f, 8), .. tokens.Select(token => token.Score)])
        .Set("tokenizer.ggml.add_space_prefix", false));
}
