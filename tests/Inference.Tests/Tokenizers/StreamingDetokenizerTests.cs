using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Tokenizers;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Tokenizers;

public sealed class StreamingDetokenizerTests
{
    private static readonly ITokenizer Tiny = TokenizerSample.Read(new TinyLlama().Build());

    [Fact]
    public void Push_BytesOfACodePoint_AnswersWithTheLastOne()
    {
        StreamingDetokenizer sut = new(Tiny);

        Assert.Equal(["", "", "", "🐢", "a"], Encoding.UTF8.GetBytes("🐢a").Select(value => sut.Push(IdOf(value))));
        Assert.Equal("", sut.Flush());
    }

    [Fact]
    public void Push_AnyText_NeverSplitsACodePointAndAddsUpToDecode() =>
        Prop.ForAll(UnicodeText.Arbitrary, text =>
        {
            StreamingDetokenizer sut = new(Tiny, skipSpecial: false);
            List<string> pieces = [.. Tiny.Encode(text, true, true).Select(sut.Push)];
            bool whole = pieces.TrueForAll(piece => piece.EnumerateRunes().All(rune => rune != Rune.ReplacementChar || text.Contains('\uFFFD')));
            return whole && string.Concat(pieces) + sut.Flush() == Tiny.Decode(Tiny.Encode(text, true, true), false);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Push_AnyTokens_AddsUpToDecode() =>
        Prop.ForAll(Gen.ListOf(Gen.Choose(0, Tiny.VocabularySize - 1)).ToArbitrary(), ids =>
        {
            StreamingDetokenizer sut = new(Tiny, skipSpecial: true);
            return string.Concat(ids.Select(sut.Push)) + sut.Flush() == Tiny.Decode([.. ids], skipSpecial: true);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Push_InvalidByteThenText_ReplacesTheByteAndKeepsTheText()
    {
        StreamingDetokenizer sut = new(Tiny);

        Assert.Equal("\uFFFD", sut.Push(IdOf(0xFF)));
        Assert.Equal("", sut.Push(IdOf(0xE2)));
        Assert.Equal("\uFFFDa", sut.Push(IdOf((byte)'a')));
    }

    [Fact]
    public void Flush_IncompleteCodePoint_GivesReplacementCharacterOnce()
    {
        StreamingDetokenizer sut = new(Tiny);
        sut.Push(IdOf(0xF0));
        sut.Push(IdOf(0x9F));

        Assert.Equal("\uFFFD", sut.Flush());
        Assert.Equal("", sut.Flush());
        Assert.Equal("a", sut.Push(IdOf((byte)'a')));
    }

    [Fact]
    public void Push_ControlToken_IsSkippedWhenAsked()
    {
        int begin = Tiny.BeginToken!.Value;

        Assert.Equal("", new StreamingDetokenizer(Tiny, skipSpecial: true).Push(begin));
        Assert.Equal("<s>", new StreamingDetokenizer(Tiny, skipSpecial: false).Push(begin));
    }

    // TinyLlama's first 256 tokens are the bytes in order.
    private static int IdOf(byte value) => value;
}
