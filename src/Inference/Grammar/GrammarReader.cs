using System.Text.Json;

namespace Winnow.Inference.Grammar;

/// <summary>Reads a grammar of any kind into rules.</summary>
internal static class GrammarReader
{
    /// <summary>Most entries of a choice.</summary>
    public const int MostChoices = 1024;

    /// <summary>Reads a grammar.</summary>
    /// <exception cref="GrammarException">It is not well-formed, or uses what is not supported.</exception>
    public static GrammarRules Read(GrammarSource source)
    {
        if (source.Problem() is { } problem)
        {
            throw new GrammarException(problem);
        }
        return source.Kind switch
        {
            GrammarKind.JsonObject => ReadObject(),
            GrammarKind.JsonSchema => SchemaReader.Read(source.Text),
            GrammarKind.Regex => ReadRegex(source.Text),
            GrammarKind.Gbnf => GbnfReader.Read(source.Text),
            _ => ReadChoice(source.Text),
        };
    }

    private static GrammarRules ReadObject()
    {
        GrammarRules rules = new();
        rules.Root = new JsonParts(rules).AnyObject.Index;
        return rules;
    }

    private static GrammarRules ReadRegex(string pattern)
    {
        GrammarRules rules = new();
        rules.Root = rules.Add("regex", RegexReader.Read(pattern)).Index;
        return rules;
    }

    private static GrammarRules ReadChoice(string text)
    {
        string[]? choices = null;
        try
        {
            choices = JsonSerializer.Deserialize<string[]>(text);
        }
        catch (JsonException error)
        {
            throw new GrammarException($"The choice is not a JSON array of strings: {error.Message}");
        }
        if (choices is null || choices.Length is 0 or > MostChoices || Array.Exists(choices, string.IsNullOrEmpty))
        {
            throw new GrammarException($"The choice has '{choices?.Length ?? 0}' entries; it must have 1 to {MostChoices}, none of them empty.");
        }
        GrammarRules rules = new();
        rules.Root = rules.Add("choice", new GrammarNode.Choice([.. choices.Select(GrammarNode.Of)])).Index;
        return rules;
    }
}
