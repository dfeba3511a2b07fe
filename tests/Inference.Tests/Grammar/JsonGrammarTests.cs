using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Grammar;

namespace Winnow.Inference.Tests.Grammar;

public sealed class JsonGrammarTests
{
    private static readonly TokenGrammar AnyObject = ByteVocabulary.Instance.Compile(GrammarSource.JsonObject);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"a": 1, "b":[true, null, -0.5e+3], "c":{"é":"\u00e9\ud83d\ude00\\"}}""")]
    [InlineData("{\n  \"a\": \"x\",\n  \"b\": []\n}")]
    public void AnyObject_OfJson_Accepts(string text) => Assert.True(ByteVocabulary.Accepts(AnyObject, text));

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":\"\\x\"}")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    [InlineData("{\"a\":\"\t\"}")]
    [InlineData("{}}")]
    [InlineData("{} ")]
    public void AnyObject_OfOtherText_Refuses(string text) => Assert.False(ByteVocabulary.Accepts(AnyObject, text));

    [Fact]
    public void AnyObject_Drawn_Parses()
    {
        Property property = Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            string text = ByteVocabulary.Draw(AnyObject, seed);
            return text.Length == 0 || JsonDocument.Parse(text).RootElement.ValueKind == JsonValueKind.Object;
        });
        property.QuickCheckThrowOnFailure();
    }

    [Fact]
    public void AnyObject_Nested_EndsWhereParsersDo()
    {
        string open = string.Concat(Enumerable.Repeat("{\"a\":", 80));
        GrammarState? state = AnyObject.Start;
        int depth = 0;
        for (int i = 0; i < open.Length && state is not null; i++)
        {
            GrammarState? next = state.Advance(open[i]);
            depth += next is not null && open[i] == '{' ? 1 : 0;
            state = next is null && open[i] == '{' ? null : next;
        }

        Assert.InRange(depth, 40, 64);
    }

    [Fact]
    public void AnyObject_AtTheDeepest_CanStillEnd()
    {
        GrammarState state = AnyObject.Start;
        int opened = 0;
        while (state.Advance('{') is { } inner)
        {
            opened++;
            state = inner;
            if (state.Advance("\"a\":".Select(c => (int)c).ToArray()) is not { } value)
            {
                break;
            }
            state = value;
        }
        // Whatever comes at the deepest place, a number closes it.
        state = state.Mask.Allows('1') ? state.Advance('1')! : state;
        for (int i = 0; i < opened; i++)
        {
            state = state.Advance('}')!;
        }

        Assert.True(state.IsFinished);
    }
}
