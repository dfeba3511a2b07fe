using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Grammar;

namespace Winnow.Inference.Tests.Grammar;

public sealed class RegexTests
{
    private static readonly string[] Patterns =
    [
        "a*b+c?", "(ab|a)(c|bcd)*", "[a-c]{2,3}", "(a|b)*abb", "(?:a+?b)*", "(a*)*", "((a?){3}b){2}", "[]a]+", "x|", @"\d+(\.\d{1,2})?", @"[^a-b]b", @"\w\s\W", "a.c",
    ];

    [Fact]
    public void Regex_OfShortTexts_AcceptsWhatRegexDoes()
    {
        Gen<string> text = Gen.Elements('a', 'b', 'c', 'd', 'x', '1', '.', ' ', ']').ArrayOf().Select(characters => new string([.. characters.Take(7)]));
        Property property = Prop.ForAll(text.ToArbitrary(), Gen.Elements(Patterns).ToArbitrary(), (input, pattern) =>
            ByteVocabulary.Accepts(ByteVocabulary.Compile(GrammarKind.Regex, pattern), input) == Regex.IsMatch(input, $"^(?:{pattern})\\z"));
        property.QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Regex_Drawn_Matches()
    {
        Property property = Prop.ForAll(ArbMap.Default.ArbFor<int>(), Gen.Elements(Patterns[..8]).ToArbitrary(), (seed, pattern) =>
            Regex.IsMatch(ByteVocabulary.Draw(ByteVocabulary.Compile(GrammarKind.Regex, $"(?:{pattern})q"), seed), $"^((?:{pattern})q)?\\z"));
        property.QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("[à-ü]", "é", true)]
    [InlineData("[à-ü]", "z", false)]
    [InlineData("[^a]", "\U0001F600", true)]
    [InlineData("[\\u0400-\\u04ff]{2}", "Ж€", false)]
    [InlineData(".", "€", true)]
    [InlineData("^a$", "a", true)]
    [InlineData("[ﬀ-\U0001F600]", "\U0001F5FF", true)]
    [InlineData("[ﬀ-\U0001F600]", "\U0001F601", false)]
    public void Regex_BeyondAscii_ReadsCodePoints(string pattern, string text, bool isMatch) =>
        Assert.Equal(isMatch, ByteVocabulary.Accepts(ByteVocabulary.Compile(GrammarKind.Regex, pattern), text));

    [Theory]
    [InlineData("a(?=b)", "(?")]
    [InlineData(@"(a)\1", @"\1")]
    [InlineData(@"\bword", @"\b")]
    [InlineData("a++", "possessive")]
    [InlineData("a^b", "'^'")]
    [InlineData("(a", "')'")]
    [InlineData("a)", "')'")]
    [InlineData("[b-a]", "order")]
    [InlineData("a{3,1}", "{n,m}")]
    [InlineData("a{99999}", "10000")]
    [InlineData("*a", "'*'")]
    [InlineData(@"\p{L}", @"\p")]
    [InlineData("(((.{999}){999}){999})", "states")]
    public void Regex_NotSupported_NamesWhat(string pattern, string named) =>
        Assert.Contains(named, Assert.Throws<GrammarException>(() => ByteVocabulary.Compile(GrammarKind.Regex, pattern)).Message, StringComparison.Ordinal);
}
