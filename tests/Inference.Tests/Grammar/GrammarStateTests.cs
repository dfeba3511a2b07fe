using System.Text;
using Winnow.Inference.Grammar;

namespace Winnow.Inference.Tests.Grammar;

public sealed class GrammarStateTests
{
    private static readonly GrammarSource YesOrNo = new(GrammarKind.Choice, """["yes","no","yes!"]""");

    [Fact]
    public void Mask_OfChoice_HoldsEveryTokenThatGoesOn()
    {
        GrammarState sut = ByteVocabulary.Instance.Compile(YesOrNo).Start;

        Assert.Equal(Ids("n", "y", "yes", "no"), Allowed(sut));
        Assert.Equal(Ids("!").Append(ByteVocabulary.End), Allowed(sut.Advance(Ids("yes"))!));
    }

    [Fact]
    public void Advance_ToTheOnlyEnd_IsFinished()
    {
        GrammarState sut = ByteVocabulary.Instance.Compile(YesOrNo).Start.Advance(Ids("no"))!;

        Assert.True(sut is { IsFinished: true, CanEnd: true, IsEnded: false, EndToken: ByteVocabulary.End });
        Assert.Equal([ByteVocabulary.End], Allowed(sut));
    }

    [Fact]
    public void Mask_AfterTheEnd_HoldsTheEndAlone()
    {
        GrammarState sut = ByteVocabulary.Instance.Compile(YesOrNo).Start.Advance(Ids("yes"))!.Advance(ByteVocabulary.End)!;

        Assert.True(sut is { IsFinished: true, IsEnded: true });
        Assert.Equal([ByteVocabulary.End], Allowed(sut));
        Assert.Same(sut, sut.Advance(ByteVocabulary.End));
        Assert.Null(sut.Advance('!'));
    }

    [Fact]
    public void Advance_OfNoToken_IsRefused()
    {
        GrammarState sut = ByteVocabulary.Instance.Compile(YesOrNo).Start;

        Assert.All([-1, ByteVocabulary.Instance.Size, int.MaxValue, ByteVocabulary.End, 'x'], token => Assert.Null(sut.Advance(token)));
    }

    [Fact]
    public void Advance_ByTokensOrBytes_ComesToTheSamePlace()
    {
        TokenGrammar grammar = ByteVocabulary.Instance.Compile(GrammarSource.JsonObject);

        GrammarState byTokens = grammar.Start.Advance(Ids("{\"", "name", "\":", "true"))!;
        GrammarState byBytes = grammar.Start.Advance("{\"name\":true".Select(c => (int)c).ToArray())!;

        Assert.Same(byBytes, byTokens);
    }

    [Fact]
    public void Forced_OfSchema_SpellsWhatMustCome()
    {
        GrammarState sut = ByteVocabulary.Compile(GrammarKind.JsonSchema, """{"type":"object","properties":{"name":{"const":12}},"required":["name"]}""").Start;

        // White space may follow the bracket and the colon.
        Assert.Equal(Ids("{"), Forced(sut));
        Assert.Equal([], Forced(sut.Advance('{')!));
        Assert.Equal(Ids("name", "\":"), Forced(sut.Advance(Ids("{\""))!));
        Assert.Equal(Ids("12"), Forced(sut.Advance(Ids("{\"", "name", "\":", " "))!));
    }

    [Fact]
    public void Forced_WhereTheMaskHasOneBit_IsThatToken()
    {
        GrammarState sut = ByteVocabulary.Compile(GrammarKind.Regex, "[ab]z").Start.Advance('a')!;

        Assert.Equal('z', sut.Mask.Only);
        Assert.Equal([.. "z".Select(c => (int)c)], Forced(sut));
    }

    [Fact]
    public void Compile_OfTheSameSource_FindsIt()
    {
        TokenGrammar first = ByteVocabulary.Instance.Compile(YesOrNo);

        Assert.Same(first, ByteVocabulary.Instance.Compile(new GrammarSource(YesOrNo.Kind, YesOrNo.Text)));
    }

    [Fact]
    public void Advance_OverALongText_MakesFewPlaces()
    {
        GrammarVocabulary vocabulary = new([.. Enumerable.Range(0, 256).Select(value => new[] { (byte)value })], []);
        TokenGrammar sut = vocabulary.Compile(GrammarSource.JsonObject);
        string text = "{" + string.Join(",", Enumerable.Range(0, 20_000).Select(i => $"\"k{i}\": [{i}, \"text\", {{\"a\": null}}]")) + "}";

        Assert.True(sut.Start.Advance(text.Select(c => (int)c).ToArray()) is { IsFinished: true });
        Assert.InRange(sut.StateCount, 1, 400);
    }

    [Theory]
    [InlineData("root ::= \"a\" root \"b\" | \"a\" root \"c\" | \"a\"")]
    [InlineData("root ::= \"a\" root [bc] | \"a\" root [cd] | \"a\" root [de] | \"a\"")]
    public void Advance_OfHostileGrammar_EndsWithAnError(string grammar)
    {
        GrammarState? state = ByteVocabulary.Compile(GrammarKind.Gbnf, grammar).Start;

        GrammarException error = Assert.Throws<GrammarException>(() =>
        {
            for (int i = 0; i < 64 && state is not null; i++)
            {
                _ = state.Mask;
                state = state.Advance('a');
            }
            Assert.Fail("All of it was followed.");
        });
        Assert.Contains("make it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compile_OfManyAlternatives_EndsSoon()
    {
        Assert.True(ByteVocabulary.Accepts(ByteVocabulary.Compile(GrammarKind.Regex, Pattern(3000)), "a7"));
        Assert.NotNull(ByteVocabulary.Compile(GrammarKind.Regex, Pattern(30_000)));

        static string Pattern(int count) => string.Join('|', Enumerable.Range(0, count).Select(i => $"a{i % 10}"));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[\"a\",\"\"]")]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("x")]
    public void Compile_OfBadChoice_IsRefused(string text) => Assert.Throws<GrammarException>(() => ByteVocabulary.Compile(GrammarKind.Choice, text));

    [Fact]
    public void Mask_OfTokensThatSplitACodePoint_HoldsThem()
    {
        TokenGrammar sut = ByteVocabulary.Compile(GrammarKind.Regex, "é");

        Assert.Equal([0xC3], Allowed(sut.Start));
        Assert.Equal([0xA9], Allowed(sut.Start.Advance(0xC3)!));
    }

    private static int[] Forced(GrammarState state)
    {
        int[] tokens = new int[16];
        return tokens[..state.Forced(tokens)];
    }

    private static int[] Allowed(GrammarState state)
    {
        int[] allowed = [.. Enumerable.Range(0, ByteVocabulary.Instance.Size).Where(state.Mask.Allows)];
        Assert.Equal(allowed.Length, state.Mask.Count);
        return allowed;
    }

    private static int[] Ids(params string[] tokens) =>
        [.. tokens.Select(text => Encoding.UTF8.GetByteCount(text) == 1 ? text[0] : ByteVocabulary.End + 1 + Array.IndexOf(ByteVocabulary.Longer, text))];
}
