using Winnow.Inference.Tokenizers;

namespace Winnow.Inference.Tests.Tokenizers;

public sealed class EndOfGenerationTests
{
    [Fact]
    public void EndTokens_OfHarmony_AreReturnAndCallNotEnd()
    {
        ITokenizer sut = TokenizerSample.Create([], [("<|end|>", TokenType.Control), ("<|return|>", TokenType.Control), ("<|call|>", TokenType.Control), ("<|channel|>", TokenType.Control)]);

        Assert.Equal([257, 258], sut.EndTokens);
        Assert.Equal((false, false), (sut.IsSpecial(256), sut.IsSpecial(259)));
    }

    [Fact]
    public void EndTokens_NamedTokenOfNormalType_BecomesControl()
    {
        ITokenizer sut = TokenizerSample.Create([], [("<|im_end|>", TokenType.Normal), ("<|fim_prefix|>", TokenType.UserDefined), ("<|file_sep|>", TokenType.Normal)]);

        Assert.Equal([256, 258], sut.EndTokens);
        Assert.True(sut.IsSpecial(256) && sut.IsSpecial(257) && sut.IsSpecial(258));
        Assert.DoesNotContain(257, sut.Encode("<|fim_prefix|>", false, parseSpecial: false));
    }

    [Theory]
    [InlineData("tokenizer.ggml.eot_token_id", 257u)]
    [InlineData("tokenizer.ggml.eos_token_id", uint.MaxValue)]
    public void EndTokens_IdOutsideTheVocabulary_IsPassedOver(string key, uint id)
    {
        ITokenizer sut = TokenizerSample.Create([], [("</s>", TokenType.Control)], file => file.Set(key, id));

        Assert.Equal([256], sut.EndTokens);
    }

    [Fact]
    public void EndTokens_KeysOfTheFile_AreListed()
    {
        ITokenizer sut = TokenizerSample.Create(
            [], [("<x>", TokenType.Control), ("<y>", TokenType.Control), ("</s>", TokenType.Control), ("<|tool_response>", TokenType.Control)],
            file => file.Set("tokenizer.ggml.eom_token_id", 257u));

        Assert.Equal([257, 259], sut.EndTokens);
    }
}
