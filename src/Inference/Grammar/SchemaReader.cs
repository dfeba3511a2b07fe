using System.Text.Json;

namespace Winnow.Inference.Grammar;

/// <summary>
/// Reads JSON Schema into rules that every text of them is valid by: members in the order of <c>properties</c>, none beyond those. A keyword that is not supported is
/// refused by name, never passed over (docs/structured-outputs.md).
/// </summary>
internal sealed class SchemaReader
{
    private static readonly string[] Annotations =
        ["title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment", "$schema", "$id", "$anchor", "$defs", "definitions"];

    private readonly GrammarRules _rules = new();
    private readonly JsonParts _json;
    private readonly JsonElement _document;
    private readonly Dictionary<string, GrammarNode.Rule> _byPointer = new(StringComparer.Ordinal);

    private SchemaReader(JsonElement document)
    {
        _document = document;
        _json = new JsonParts(_rules);
    }

    /// <summary>Reads a schema.</summary>
    /// <exception cref="GrammarException">It is not JSON, not a schema, or uses what is not supported.</exception>
    public static GrammarRules Read(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            SchemaReader reader = new(document.RootElement);
            reader._rules.Root = reader.RuleAt("#", document.RootElement).Index;
            return reader._rules;
        }
        catch (JsonException error)
        {
            throw new GrammarException($"The JSON Schema is not valid JSON: {error.Message}");
        }
        catch (InvalidOperationException error)
        {
            // Text that is valid JSON but not Unicode.
            throw new GrammarException($"The JSON Schema holds a string that is no text: {error.Message}");
        }
    }

    private GrammarNode.Rule RuleAt(string pointer, JsonElement schema)
    {
        if (!_byPointer.TryGetValue(pointer, out GrammarNode.Rule? rule))
        {
            rule = _rules.Declare(pointer);
            _byPointer.Add(pointer, rule);
            _rules.Define(rule, ReadSchema(new SchemaFields(pointer, schema)));
        }
        return rule;
    }

    private GrammarNode ReadSchema(SchemaFields schema)
    {
        if (schema.IsAnything)
        {
            return _json.AnyValue;
        }
        schema.Accept(Annotations);
        GrammarNode node = schema.TryGet("$ref", out JsonElement reference) ? ReadReference(schema, reference)
            : schema.TryGet("const", out JsonElement constant) ? ReadConstant(schema, constant)
            : schema.TryGet("enum", out JsonElement values) ? ReadEnum(schema, values)
            : schema.TryGet("anyOf", out JsonElement any) ? ReadAny(schema, any)
            : schema.TryGet("allOf", out JsonElement all) ? ReadAll(schema, all)
            : ReadTyped(schema);
        schema.RefuseRest();
        return node;
    }

    private GrammarNode.Rule ReadReference(SchemaFields schema, JsonElement reference)
    {
        string pointer = schema.StringOf("$ref", reference);
        JsonElement found = _document;
        if (pointer != "#" && !pointer.StartsWith("#/", StringComparison.Ordinal))
        {
            throw schema.Error($"'$ref' is '{pointer}'; only references within the schema are supported, such as '#/$defs/name'");
        }
        foreach (string part in pointer.Split('/').Skip(1))
        {
            string name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            bool isThere = found.ValueKind switch
            {
                JsonValueKind.Object => found.TryGetProperty(name, out found),
                JsonValueKind.Array => int.TryParse(name, out int index) && index >= 0 && index < found.GetArrayLength() && (found = found[index]).ValueKind != JsonValueKind.Undefined,
                _ => false,
            };
            if (!isThere)
            {
                throw schema.Error($"'$ref' is '{pointer}', which is not there");
            }
        }
        return RuleAt(pointer, found);
    }

    // The type says nothing more when every value is of it, and contradicts the schema otherwise.
    private static GrammarNode ReadConstant(SchemaFields schema, JsonElement value)
    {
        schema.CheckTypes([value]);
        return JsonParts.Constant(value);
    }

    private static GrammarNode.Choice ReadEnum(SchemaFields schema, JsonElement values)
    {
        if (values.ValueKind != JsonValueKind.Array || values.GetArrayLength() is 0 or > GrammarReader.MostChoices)
        {
            throw schema.Error($"'enum' must be an array of 1 to {GrammarReader.MostChoices} values");
        }
        schema.CheckTypes([.. values.EnumerateArray()]);
        return new GrammarNode.Choice([.. values.EnumerateArray().Select(JsonParts.Constant)]);
    }

    private GrammarNode.Choice ReadAny(SchemaFields schema, JsonElement any)
    {
        if (any.ValueKind != JsonValueKind.Array || any.GetArrayLength() == 0)
        {
            throw schema.Error("'anyOf' must be an array of schemas");
        }
        return new GrammarNode.Choice([.. any.EnumerateArray().Select((option, i) => RuleAt($"{schema.Pointer}/anyOf/{i}", option))]);
    }

    private GrammarNode.Rule ReadAll(SchemaFields schema, JsonElement all) => all.ValueKind == JsonValueKind.Array && all.GetArrayLength() == 1
        ? RuleAt($"{schema.Pointer}/allOf/0", all[0])
        : throw schema.Error("'allOf' is only supported with one schema in it");

    private GrammarNode ReadTyped(SchemaFields schema)
    {
        string[] types = schema.Types();
        if (types.Length == 0)
        {
            // Only what speaks of one type tells which it is.
            types = schema.Has("properties") || schema.Has("required") || schema.Has("additionalProperties") ? ["object"]
                : schema.Has("items") ? ["array"] : schema.Has("minLength") || schema.Has("maxLength") ? ["string"] : [];
        }
        GrammarNode[] nodes = [.. types.Select(type => ReadType(schema, type))];
        return nodes.Length switch { 0 => _json.AnyValue, 1 => nodes[0], _ => new GrammarNode.Choice(nodes) };
    }

    private GrammarNode ReadType(SchemaFields schema, string type) => type switch
    {
        "object" => ReadObject(schema),
        "array" => ReadArray(schema),
        "string" => ReadString(schema),
        "number" => _json.Number,
        "integer" => _json.Integer,
        "boolean" => JsonParts.Boolean,
        "null" => GrammarNode.Of("null"),
        _ => throw schema.Error($"'type' is '{type}'; it must be one of 'object', 'array', 'string', 'number', 'integer', 'boolean', 'null'"),
    };

    private GrammarNode ReadString(SchemaFields schema)
    {
        (int least, int most) = schema.Bounds("minLength", "maxLength");
        return least == 0 && most == GrammarNode.Repeat.Unlimited ? _json.String : _json.StringOf(least, most);
    }

    private GrammarNode ReadArray(SchemaFields schema)
    {
        (int least, int most) = schema.Bounds("minItems", "maxItems");
        GrammarNode item = schema.TryGet("items", out JsonElement items) ? RuleAt($"{schema.Pointer}/items", items) : _json.AnyValue;
        return JsonParts.List("[", item, "]", least, most);
    }

    private GrammarNode ReadObject(SchemaFields schema)
    {
        List<string> required = [.. schema.Strings("required")];
        List<(GrammarNode Member, bool IsRequired)> members = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (JsonProperty property in schema.Members("properties"))
        {
            if (!names.Add(property.Name))
            {
                throw schema.Error($"'properties' names '{property.Name}' twice");
            }
            GrammarNode value = RuleAt($"{schema.Pointer}/properties/{property.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}", property.Value);
            members.Add((GrammarNode.Of(JsonParts.Key(property.Name), GrammarNode.Optional(GrammarNode.Of(" ")), value), required.Contains(property.Name)));
        }
        if (required.Find(name => !names.Contains(name)) is { } missing)
        {
            throw schema.Error($"'required' names '{missing}', which is not in 'properties'");
        }
        bool hasRest = schema.TryGet("additionalProperties", out JsonElement rest);
        if (hasRest && rest.ValueKind is not (JsonValueKind.True or JsonValueKind.False or JsonValueKind.Object))
        {
            throw schema.Error("'additionalProperties' must be a schema");
        }
        if (members.Count > 0)
        {
            // A text without further members is valid whatever these may be.
            return ObjectOf(schema.Pointer, members);
        }
        GrammarNode any = hasRest && rest.ValueKind != JsonValueKind.True ? RestOf(schema, rest) : _json.AnyObject;
        return schema.Has("properties") && !hasRest ? GrammarNode.Of("{}") : any;
    }

    private GrammarNode RestOf(SchemaFields schema, JsonElement rest) => rest.ValueKind == JsonValueKind.False
        ? GrammarNode.Of("{}")
        : JsonParts.List("{", _json.Member(RuleAt($"{schema.Pointer}/additionalProperties", rest)), "}", 0, GrammarNode.Repeat.Unlimited);

    // Two rules for each place in the order: nothing has been written yet, or a comma is due before the next.
    private GrammarNode.Sequence ObjectOf(string pointer, List<(GrammarNode Member, bool IsRequired)> members)
    {
        GrammarNode first = GrammarNode.Of("}");
        GrammarNode later = GrammarNode.Of(JsonParts.Space, GrammarNode.Of("}"));
        for (int i = members.Count - 1; i >= 0; i--)
        {
            (GrammarNode member, bool isRequired) = members[i];
            GrammarNode after = later;
            GrammarNode comma = GrammarNode.Of(GrammarNode.Of(","), JsonParts.Space, member, after);
            GrammarNode begin = GrammarNode.Of(member, after);
            later = _rules.Add($"{pointer} after member {i}", isRequired ? comma : GrammarNode.Any(comma, after));
            first = isRequired ? begin : _rules.Add($"{pointer} from member {i}", GrammarNode.Any(begin, first));
        }
        return new GrammarNode.Sequence([GrammarNode.Of("{"), JsonParts.Space, first]);
    }
}
