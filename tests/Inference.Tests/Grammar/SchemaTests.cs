using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Grammar;

namespace Winnow.Inference.Tests.Grammar;

public sealed class SchemaTests
{
    private const string Person = """
        {"title":"P","type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":5},"age":{"type":"integer"},"tags":{"type":"array","items":{"$ref":"#/$defs/tag"},
        "minItems":1,"maxItems":2},"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["name","next"],"additionalProperties":false,"$defs":{"tag":{"enum":["a","b",3,null]}}}
        """;

    [Theory]
    [InlineData("""{"name":"Bo","next":null}""", true)]
    [InlineData("""{"name":"Bo","age":3,"tags":["a", null],"next":{"name":"é\u00e9","next":null}}""", true)]
    [InlineData("""{"name": "Bo", "next": null}""", true)]
    [InlineData("""{"age":3,"next":null}""", false)]
    [InlineData("""{"name":"","next":null}""", false)]
    [InlineData("""{"name":"Robert","next":null}""", false)]
    [InlineData("""{"name":"Bo","tags":[],"next":null}""", false)]
    [InlineData("""{"name":"Bo","tags":["a","b","a"],"next":null}""", false)]
    [InlineData("""{"name":"Bo","tags":["c"],"next":null}""", false)]
    [InlineData("""{"name":"Bo","age":3.5,"next":null}""", false)]
    [InlineData("""{"name":"Bo","next":null,"more":1}""", false)]
    public void Schema_OfObject_AcceptsWhatIsValid(string text, bool isValid) =>
        Assert.Equal(isValid, ByteVocabulary.Accepts(ByteVocabulary.Compile(GrammarKind.JsonSchema, Person), text));

    [Fact]
    public void Schema_Drawn_IsValid()
    {
        TokenGrammar sut = ByteVocabulary.Compile(GrammarKind.JsonSchema, Person);
        Property property = Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            string text = ByteVocabulary.Draw(sut, seed);
            return text.Length == 0 || IsPerson(JsonDocument.Parse(text).RootElement);
        });
        property.QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("""{"type":["string","null"]}""", "null", true)]
    [InlineData("""{"const":{"a":[1,"x"]}}""", """{"a":[1,"x"]}""", true)]
    [InlineData("""{"type":"object","additionalProperties":{"type":"boolean"}}""", """{"a":true,"b":false}""", true)]
    [InlineData("""{"type":"object","additionalProperties":{"type":"boolean"}}""", """{"a":1}""", false)]
    [InlineData("""{"type":"array","maxItems":0}""", "[]", true)]
    [InlineData("""{"allOf":[{"type":"number"}],"description":"d"}""", "-1.5", true)]
    [InlineData("""{"properties":{"a":{},"b":{}}}""", """{"b":[1]}""", true)]
    [InlineData("""{"properties":{"a":{},"b":{}}}""", """{"b":[1],"a":1}""", false)]
    [InlineData("true", "[{}]", true)]
    public void Schema_OfEachKeyword_Accepts(string schema, string text, bool isValid) =>
        Assert.Equal(isValid, ByteVocabulary.Accepts(ByteVocabulary.Compile(GrammarKind.JsonSchema, schema), text));

    [Theory]
    [InlineData("""{"type":"string","pattern":"a+"}""", "'pattern'")]
    [InlineData("""{"type":"string","format":"uuid"}""", "'format'")]
    [InlineData("""{"type":"integer","minimum":1}""", "'minimum'")]
    [InlineData("""{"oneOf":[{"type":"null"}]}""", "'oneOf'")]
    [InlineData("""{"$ref":"#/$defs/no"}""", "'#/$defs/no'")]
    [InlineData("""{"$ref":"http://a/b"}""", "'http://a/b'")]
    [InlineData("""{"$ref":"#"}""", "left recursion")]
    [InlineData("""{"type":"text"}""", "'text'")]
    [InlineData("""{"type":"object","required":["a"]}""", "'a'")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""", "never ends")]
    [InlineData("""{"type":"string","minLength":3,"maxLength":2}""", "'minLength'")]
    [InlineData("""{"type":"integer","enum":["a"]}""", "not of type")]
    [InlineData("""{"properties":{"a":{"enum":[]}}}""", "#/properties/a")]
    [InlineData("[1]", "schema")]
    [InlineData("{", "JSON")]
    [InlineData("false", "'false'")]
    public void Schema_NotSupported_NamesWhat(string schema, string named) =>
        Assert.Contains(named, Assert.Throws<GrammarException>(() => ByteVocabulary.Compile(GrammarKind.JsonSchema, schema)).Message, StringComparison.Ordinal);

    private static bool IsPerson(JsonElement value) =>
        value.GetProperty("name").GetString() is { } name && name.EnumerateRunes().Count() is >= 1 and <= 5
        && (!value.TryGetProperty("age", out JsonElement age) || age.TryGetInt64(out _))
        && (!value.TryGetProperty("tags", out JsonElement tags) || tags.GetArrayLength() is 1 or 2)
        && value.EnumerateObject().All(member => member.Name is "name" or "age" or "tags" or "next")
        && (value.GetProperty("next").ValueKind == JsonValueKind.Null || IsPerson(value.GetProperty("next")));
}
