using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Tokenizers;

namespace Winnow.Inference.Tests.Tokenizers;

public sealed class WordPieceTokenizerTests
{
    private static readonly ITokenizer Small = TokenizerSample.Read(TokenizerSample.FromJson("vocabulary-bert.json"));

    [Theory]
    [InlineData("The Tokens", "the tokens")]
    [InlineData("  verified,drafted!", "verified , drafted !")]
    [InlineData("É中", "e 中")]
    public void Decode_OfEncoded_GivesCleanedWords(string text, string expected) =>
        Assert.Equal(expected, Small.Decode(Small.Encode(text, addSpecial: true, parseSpecial: false), skipSpecial: true));

    [Fact]
    public void Encode_WordThatCannotBeCut_IsOneUnknownToken() =>
        Assert.Equal([2, 1, 1, 3], Small.Encode("abc\u0416\u2603x\u2603 \u2603", addSpecial: true, parseSpecial: false));

    [Fact]
    public void Encode_AnyText_StaysInTheVocabularyAndEnds() =>
        Prop.ForAll(UnicodeText.Arbitrary, text => Small.Encode(text, true, false) is [2, .. var ids, 3] && ids.All(id => id is 1 or > 4))
            .QuickCheckThrowOnFailure();
}
