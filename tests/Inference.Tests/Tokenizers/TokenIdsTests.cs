using System.Text.Json;
using Winnow.Inference.Files;
using Winnow.Inference.Tokenizers;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Tokenizers;

/// <summary>Every kind and splitting rule against ids that llama.cpp gives for small vocabularies; refresh_ids.py made them.</summary>
public sealed class TokenIdsTests
{
    private static readonly JsonElement Data = TokenizerSample.ReadJson("token-ids.json");
    private static readonly string[] Texts = [.. Data.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!)];

    public static TheoryData<string> Cases => [.. Data.GetProperty("cases").EnumerateArray().Select(item => item.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Encode_EveryText_GivesTheOtherEnginesIds(string name)
    {
        JsonElement item = Data.GetProperty("cases").EnumerateArray().Single(item => item.GetProperty("name").GetString() == name);
        ITokenizer sut = TokenizerSample.Read(Vocabulary(item));

        Assert.Equal(Texts.Length, item.GetProperty("ids").GetArrayLength());
        foreach ((string text, JsonElement ids) in Texts.Zip(item.GetProperty("ids").EnumerateArray()))
        {
            string expected = string.Join(' ', ids.EnumerateArray());
            string found = string.Join(' ', sut.Encode(text, addSpecial: true, item.GetProperty("parseSpecial").GetBoolean()));
            Assert.True(expected == found, $"'{text}': expected {expected}, found {found}");
        }
    }

    private static GgufBuilder Vocabulary(JsonElement item)
    {
        string name = item.GetProperty("vocabulary").GetString()!;
        GgufBuilder builder = name == "shipped" ? TokenizerSample.Shipped() : TokenizerSample.FromJson($"vocabulary-{name}.json");
        foreach (JsonProperty change in item.GetProperty("changes").EnumerateObject())
        {
            builder.Without(change.Name).Set(change.Name, change.Value.ValueKind == JsonValueKind.String ? change.Value.GetString()! : change.Value.GetBoolean());
        }
        return builder;
    }
}
