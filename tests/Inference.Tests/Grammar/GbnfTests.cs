using Winnow.Inference.Grammar;

namespace Winnow.Inference.Tests.Grammar;

public sealed class GbnfTests
{
    private const string Sums = """
        # a sum of numbers
        root  ::= term (op term)*
        term  ::= num | "(" root ")"
        op    ::= [-+*/]   # the operators
        num   ::= [0-9]{1,3} (
            "." [0-9]+
        )?
        """;

    [Theory]
    [InlineData("1+(2*3.25)-44", true)]
    [InlineData("1+", false)]
    [InlineData("(1", false)]
    [InlineData("1234", false)]
    public void Gbnf_OfRecursiveRules_Accepts(string text, bool isValid) => Assert.Equal(isValid, ByteVocabulary.Accepts(ByteVocabulary.Compile(GrammarKind.Gbnf, Sums), text));

    [Theory]
    [InlineData("root ::= \"\\\"\\x41\\u00e9\\n\" [^\\]]", "\"Aé\nx", true)]
    [InlineData("root ::= \"a\" |\n \"b\"", "b", true)]
    [InlineData("root ::= .", "€", true)]
    public void Gbnf_OfEscapes_Accepts(string grammar, string text, bool isValid) => Assert.Equal(isValid, ByteVocabulary.Accepts(ByteVocabulary.Compile(GrammarKind.Gbnf, grammar), text));

    [Theory]
    [InlineData("a ::= \"x\"", "'root'")]
    [InlineData("root ::= a", "'a'")]
    [InlineData("root ::= root \"x\" | \"x\"", "left recursion")]
    [InlineData("root ::= a \"x\" | \"y\"\na ::= b? root", "left recursion")]
    [InlineData("root ::= \"x\" root", "never ends")]
    [InlineData("root ::= \"x\"\nroot ::= \"y\"", "twice")]
    [InlineData("root ::= <[5]>", "tokens")]
    [InlineData("root = \"x\"", "'::='")]
    [InlineData("root ::= \"x", "ends too soon")]
    [InlineData("root ::= \"x\" )", "')'")]
    public void Gbnf_NotWellFormed_NamesWhat(string grammar, string named)
    {
        string text = grammar.Replace("b? root", "c root\nc ::= \"z\"?", StringComparison.Ordinal);

        Assert.Contains(named, Assert.Throws<GrammarException>(() => ByteVocabulary.Compile(GrammarKind.Gbnf, text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gbnf_DeeperThanRulesNest_EndsInTime()
    {
        TokenGrammar sut = ByteVocabulary.Compile(GrammarKind.Gbnf, "root ::= \"(\" root \")\" | \"x\"");
        GrammarState state = sut.Start;
        int opened = 0;
        while (state.Advance('(') is { } inner)
        {
            (state, opened) = (inner, opened + 1);
        }

        Assert.Equal(Automaton.MostDepth, opened);
        Assert.NotNull(state.Advance("x".Select(c => (int)c).Concat(Enumerable.Repeat((int)')', opened)).ToArray()));
    }
}
