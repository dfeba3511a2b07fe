using Winnow.Inference.Files;
using Winnow.Inference.Tokenizers;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Tokenizers;

/// <summary>The shipped pair's tokeniser against ids of the Python tokeniser that trained it (tools/train/tokeniser.py).</summary>
public sealed class ShippedTokenizerTests : IDisposable
{
    private readonly ModelFile _file = ModelFile.Open(Path.Combine(SharedFolder.RepositoryRoot, "models", "winnow-target-q8_0.gguf"));
    private readonly ITokenizer _sut;

    public ShippedTokenizerTests() => _sut = TokenizerFactory.FromFile(_file);

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData("", new int[0])]
    [InlineData("Hello world", new[] { 516, 291, 111, 503, 360 })]
    [InlineData(
        "Natalia sold 48 clips in April, and then half as many in May.",
        new[] { 78, 286, 280, 739, 640, 32, 52, 56, 530, 1033, 297, 431, 1066, 320, 44, 299, 542, 529, 356, 335, 297, 407, 302, 46 })]
    [InlineData("  two  spaces\n\nand\ttabs 3.14 $5", new[] { 32, 505, 32, 381, 1418, 10, 10, 502, 9, 116, 534, 115, 32, 51, 46, 49, 52, 283, 53 })]
    [InlineData("żółw 🐢 don't I'LL", new[] { 197, 188, 195, 179, 197, 130, 119, 32, 240, 159, 144, 162, 1000, 1368, 1191, 39, 76, 76 })]
    public void Encode_PlainText_GivesTheTrainersIds(string text, int[] expected)
    {
        Assert.Equal(expected, _sut.Encode(text, addSpecial: false, parseSpecial: false));
        Assert.Equal([2043, .. expected], _sut.Encode(text, addSpecial: true, parseSpecial: false));
        Assert.Equal(text, _sut.Decode(expected, skipSpecial: false));
    }

    [Fact]
    public void Encode_NameOfControlToken_IsThatTokenOnlyWhenParsed()
    {
        Assert.Equal([2045, 72, 105, 2047], _sut.Encode("<|user|>Hi<|end|>", addSpecial: false, parseSpecial: true));
        Assert.Equal([60, 124, 346, 266, 124, 62], _sut.Encode("<|user|>", addSpecial: false, parseSpecial: false));
    }

    [Fact]
    public void EndTokens_OfTheShippedPair_AreEndOfTurnAndEndOfText() => Assert.Equal([2043, 2047], _sut.EndTokens);
}
