using System.Text.Json;
using Winnow.Inference.Grammar;

namespace Winnow.Gateway.Api;

/// <summary>
/// Reads what the answer's text must be (docs/structured-outputs.md): OpenAI's <c>response_format</c>, vLLM's <c>structured_outputs</c> and its older <c>guided_</c> fields, llama.cpp's
/// <c>grammar</c> and <c>json_schema</c>. At most one of them.
/// </summary>
internal static class GrammarFields
{
    private const int MostNameCharacters = 64;

    /// <summary>The request's grammar and the field that gave it; <see langword="null"/> without one.</summary>
    public static (GrammarSource Source, string Field)? Read(RequestFields fields)
    {
        List<(GrammarSource Source, string Field)> found = [];
        ReadFormat(fields, found);
        if (fields.TryGet("structured_outputs", out JsonElement value))
        {
            var inner = new RequestFields(value, "structured_outputs.");
            int before = found.Count;
            ReadKinds(inner, "", found);
            if (inner.GetBoolean("json_object", false))
            {
                found.Add((GrammarSource.JsonObject, inner.Name("json_object")));
            }
            inner.RefuseUnknown();
            if (found.Count == before)
            {
                throw ApiException.Invalid("structured_outputs", "'structured_outputs' says nothing; give it one of 'json', 'json_object', 'regex', 'choice', 'grammar'.");
            }
        }
        ReadKinds(fields, "guided_", found);
        AddText(fields, "grammar", GrammarKind.Gbnf, found);
        AddSchema(fields, "json_schema", found);
        return found.Count switch
        {
            0 => null,
            1 => found[0],
            _ => throw ApiException.Invalid(found[1].Field, $"'{found[1].Field}' and '{found[0].Field}' both say what the answer must be; leave one of them out."),
        };
    }

    private static void ReadFormat(RequestFields fields, List<(GrammarSource, string)> found)
    {
        if (!fields.TryGet("response_format", out JsonElement format))
        {
            return;
        }
        var inner = new RequestFields(format, "response_format.");
        string type = inner.RequireString("type");
        switch (type)
        {
            case "text":
                break;
            case "json_object":
                found.Add((GrammarSource.JsonObject, "response_format"));
                break;
            case "json_schema":
                if (!inner.TryGet("json_schema", out JsonElement definition))
                {
                    throw ApiException.Invalid("response_format.json_schema", "'response_format.json_schema' is required with the type 'json_schema'.", "missing_required_parameter");
                }
                ReadDefinition(new RequestFields(definition, "response_format.json_schema."), found);
                break;
            default:
                throw ApiException.Invalid("response_format.type", $"'response_format.type' is '{type}'; it must be one of 'text', 'json_object', 'json_schema'.");
        }
        inner.RefuseUnknown();
    }

    // Answers follow the schema whether 'strict' is asked for or not.
    private static void ReadDefinition(RequestFields definition, List<(GrammarSource, string)> found)
    {
        string name = definition.RequireString("name");
        if (name.Length is 0 or > MostNameCharacters || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
        {
            throw ApiException.Invalid(definition.Name("name"), $"'{definition.Name("name")}' must be 1 to {MostNameCharacters} letters, digits, '_' or '-'.");
        }
        definition.GetString("description");
        definition.GetBoolean("strict", false);
        if (!definition.TryGet("schema", out _))
        {
            throw ApiException.Invalid(definition.Name("schema"), $"'{definition.Name("schema")}' is required.", "missing_required_parameter");
        }
        AddSchema(definition, "schema", found);
        definition.RefuseUnknown();
    }

    private static void ReadKinds(RequestFields fields, string prefix, List<(GrammarSource, string)> found)
    {
        AddSchema(fields, prefix + "json", found);
        AddText(fields, prefix + "regex", GrammarKind.Regex, found);
        AddText(fields, prefix + "grammar", GrammarKind.Gbnf, found);
        string choice = prefix + "choice";
        if (fields.TryGet(choice, out JsonElement value))
        {
            found.Add(value.ValueKind == JsonValueKind.Array ? (new GrammarSource(GrammarKind.Choice, value.GetRawText()), fields.Name(choice))
                : throw fields.WrongType(choice, "an array of strings", value));
        }
    }

    private static void AddText(RequestFields fields, string field, GrammarKind kind, List<(GrammarSource, string)> found)
    {
        if (fields.GetString(field) is { } text)
        {
            found.Add((new GrammarSource(kind, text), fields.Name(field)));
        }
    }

    // vLLM also takes a schema as a string of JSON.
    private static void AddSchema(RequestFields fields, string field, List<(GrammarSource, string)> found)
    {
        if (fields.TryGet(field, out JsonElement value))
        {
            found.Add((new GrammarSource(GrammarKind.JsonSchema, value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()), fields.Name(field)));
        }
    }
}
