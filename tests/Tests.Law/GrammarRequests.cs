using System.Text.Json;
using System.Text.RegularExpressions;
using Winnow.Inference.Grammar;

namespace Winnow.Tests.Law;

/// <summary>The sixteen requests of the law, each with a grammar, and what their answers must then be.</summary>
public static class GrammarRequests
{
    private const string Schema = """
        {"type":"object","properties":{"reasoning":{"type":"string","maxLength":24},"answer":{"type":"integer"},"unit":{"enum":["apples","dollars","students",null]},
        "sure":{"type":"boolean"}},"required":["reasoning","answer","unit"],"additionalProperties":false}
        """;

    private const string Gbnf = "root ::= \"The answer is \" num (\" \" unit)? \".\"\nnum ::= [1-9] [0-9]{0,3}\nunit ::= \"apples\" | \"dollars\"";
    private const string Pattern = @"Answer: \d{1,4}( (apples|dollars|miles))?\. Steps: \d";

    private static readonly string[] Choices = ["twelve apples", "twelve pears", "none of them", "42"];

    private static readonly GrammarSource[] Grammars =
    [
        new(GrammarKind.JsonSchema, Schema),
        new(GrammarKind.Regex, Pattern),
        new(GrammarKind.Choice, JsonSerializer.Serialize(Choices)),
        new(GrammarKind.Gbnf, Gbnf),
        GrammarSource.JsonObject,
    ];

    /// <summary>The requests; without stop strings, which would cut answers off.</summary>
    public static IReadOnlyList<LawRequest> All { get; } =
    [
        .. LawRequest.Mixed.Select((request, i) => request with
        {
            Name = $"{request.Name}, {Grammars[i % Grammars.Length].Kind}",
            Sampling = request.Sampling with { Grammar = Grammars[i % Grammars.Length] },
            Stops = [],
            MaxTokens = 96,
        }),
    ];

    /// <summary>Whether a whole text is what the request asks for.</summary>
    public static bool IsAnswer(LawRequest request, string text) => request.Sampling.Grammar!.Kind switch
    {
        GrammarKind.JsonSchema => IsOfSchema(JsonDocument.Parse(text).RootElement),
        GrammarKind.Regex => Regex.IsMatch(text, $"^{Pattern}\\z"),
        GrammarKind.Choice => Choices.Contains(text),
        GrammarKind.Gbnf => Regex.IsMatch(text, @"^The answer is [1-9]\d{0,3}( (apples|dollars))?\.\z"),
        _ => JsonDocument.Parse(text).RootElement.ValueKind == JsonValueKind.Object,
    };

    private static bool IsOfSchema(JsonElement value) =>
        value.GetProperty("reasoning").GetString()!.EnumerateRunes().Count() <= 24
        && value.GetProperty("answer").TryGetInt64(out _)
        && value.GetProperty("unit").ToString() is "apples" or "dollars" or "students" or ""
        && value.EnumerateObject().All(member => member.Name is "reasoning" or "answer" or "unit" or "sure");
}
