using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Tokenizers.Splitting;

namespace Winnow.Inference.Tests.Tokenizers;

/// <summary>The hand-written rules against the regular expressions they stand for.</summary>
public sealed class SplitRulesTests
{
    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const string Contractions = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
    private const string Llama3 = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    // .NET's expressions see UTF-16 units, so this comparison is about the basic plane; astral characters have cases of their own below.
    private static readonly Arbitrary<string> Texts = Gen.ListOf(Gen.Frequency(
        (8, Gen.Elements([.. " '\r\n\tsStTrReEvVmMlLdDaÉ1²½٣ⅷ!?.$+=_ 　…—中한\u0301\u200D\u0085"])),
        (1, Gen.Choose(0, 0xD7FF).Select(value => (char)value)),
        (1, Gen.Choose(0xE000, 0xFFFF).Select(value => (char)value))))
        .Select(characters => string.Concat(characters)).ToArbitrary();

    [Theory]
    [InlineData("gpt-2", new[] { Gpt2 })]
    [InlineData("llama-bpe", new[] { Llama3 })]
    [InlineData("smollm", new[] { @"\p{N}", Gpt2 })]
    [InlineData("default", new[] { @"[\p{P}\$\+<=>\^~\|]+", Gpt2, @"\p{N}+", "[0-9][0-9][0-9]" })]
    public void Enumerate_AnyText_SplitsAsTheExpressionsDo(string name, string[] patterns) =>
        Prop.ForAll(Texts, text => Words(name, text).SequenceEqual(patterns.Aggregate((IEnumerable<string>)[text], Split)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Enumerate_AnyTextQwen2_SplitsAsTheExpressionDoes() =>
        Prop.ForAll(Texts, text => Words("qwen2", text).SequenceEqual(Split([text], Llama3.Replace("{1,3}", "", StringComparison.Ordinal))))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Theory]
    [InlineData("gpt-2", "I'll don't  go", "I|'ll| don|'t| | go")]
    [InlineData("gpt-2", "I'LL", "I|'|LL")]
    [InlineData("llama-bpe", "I'LL 12345", "I|'LL| |123|45")]
    [InlineData("qwen2", "a 123\r\n\n b", "a| |1|2|3|\r\n\n| b")]
    [InlineData("gpt-2", "𝐀𝐁𝟏𝟐🐢🐢", "𝐀𝐁|𝟏𝟐|🐢🐢")]
    [InlineData("llama-bpe", "🐢𝐀 𝟏𝟐𝟑𝟒", "🐢𝐀| |𝟏𝟐𝟑|𝟒")]
    [InlineData("smollm", "x𝟏𝟐 3", "x|𝟏|𝟐| |3")]
    [InlineData("default", "a1234!b", "a|123|4|!|b")]
    public void Enumerate_HandMadeCase_SplitsAsExpected(string name, string text, string expected) =>
        Assert.Equal(expected.Split('|'), Words(name, text));

    [Fact]
    public void Enumerate_LoneSurrogates_StayWholeAndEnd() => Assert.Equal("\uD800a\uDC00", string.Concat(Words("llama-bpe", "\uD800a\uDC00")));

    private static List<string> Words(string name, string text)
    {
        Assert.True(WordSplitter.TryGet(name, out WordSplitter? sut));
        List<string> words = [];
        WordEnumerator enumerator = sut!.Enumerate(text);
        while (enumerator.MoveNext())
        {
            words.Add(enumerator.Current.ToString());
        }
        return words;
    }

    private static IEnumerable<string> Split(IEnumerable<string> pieces, string pattern) => pieces.SelectMany(piece =>
    {
        List<string> parts = [];
        int end = 0;
        foreach (Match match in Regex.Matches(piece, pattern))
        {
            if (match.Index > end)
            {
                parts.Add(piece[end..match.Index]);
            }
            parts.Add(match.Value);
            end = match.Index + match.Length;
        }
        if (end < piece.Length)
        {
            parts.Add(piece[end..]);
        }
        return parts;
    });
}
