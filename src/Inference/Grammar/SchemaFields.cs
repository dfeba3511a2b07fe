using System.Text.Json;

namespace Winnow.Inference.Grammar;

/// <summary>The keywords of one schema: what is read is noted, and the rest refused.</summary>
internal sealed class SchemaFields
{
    private readonly JsonElement _schema;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>Reads a schema.</summary>
    /// <param name="pointer">Where it is in its document.</param>
    /// <param name="schema">An object, or true.</param>
    /// <exception cref="GrammarException">It is neither.</exception>
    public SchemaFields(string pointer, JsonElement schema)
    {
        Pointer = pointer;
        _schema = schema;
        if (schema.ValueKind == JsonValueKind.False)
        {
            throw Error("the schema 'false' lets nothing be written");
        }
        if (schema.ValueKind is not (JsonValueKind.Object or JsonValueKind.True))
        {
            throw Error("a schema must be an object or a boolean");
        }
    }

    /// <summary>Where it is in its document.</summary>
    public string Pointer { get; }

    /// <summary>Every value is valid.</summary>
    public bool IsAnything => _schema.ValueKind == JsonValueKind.True;

    /// <summary>A keyword is there.</summary>
    public bool Has(string name) => _schema.TryGetProperty(name, out _);

    /// <summary>A keyword's value, if it is there.</summary>
    public bool TryGet(string name, out JsonElement value)
    {
        _read.Add(name);
        return _schema.TryGetProperty(name, out value);
    }

    /// <summary>Keywords that change nothing of what is valid.</summary>
    public void Accept(IEnumerable<string> names) => _read.UnionWith(names);

    /// <summary>Refuses whatever was not read.</summary>
    public void RefuseRest()
    {
        foreach (JsonProperty property in _schema.EnumerateObject())
        {
            if (!_read.Contains(property.Name))
            {
                throw Error($"the keyword '{property.Name}' is not supported here; remove it");
            }
        }
    }

    /// <summary>What is wrong here.</summary>
    public GrammarException Error(string problem) => new($"JSON Schema at '{Pointer}': {problem}.");

    /// <summary>The types it names.</summary>
    public string[] Types()
    {
        if (!TryGet("type", out JsonElement type))
        {
            return [];
        }
        string[] types = type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(item => StringOf("type", item))] : [StringOf("type", type)];
        return types.Length > 0 ? types : throw Error("'type' is an empty array");
    }

    /// <summary>Refuses values that are not of the type that stands beside them.</summary>
    public void CheckTypes(IReadOnlyList<JsonElement> values)
    {
        string[] types = Types();
        foreach (JsonElement value in values)
        {
            if (types.Length > 0 && !Array.Exists(types, type => IsOf(value, type)))
            {
                throw Error($"the value '{value.GetRawText()}' is not of type '{string.Join("', '", types)}'");
            }
        }
    }

    /// <summary>A string.</summary>
    public string StringOf(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Error($"'{name}' must be a string");

    /// <summary>An array of strings; empty when it is not there.</summary>
    public IEnumerable<string> Strings(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return [];
        }
        return value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(item => StringOf(name, item)) : throw Error($"'{name}' must be an array of strings");
    }

    /// <summary>The members of an object; none when it is not there.</summary>
    public IEnumerable<JsonProperty> Members(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return [];
        }
        return value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : throw Error($"'{name}' must be an object");
    }

    /// <summary>A smallest and a largest number.</summary>
    public (int Least, int Most) Bounds(string least, string most)
    {
        (int low, int high) = (Count(least) ?? 0, Count(most) ?? GrammarNode.Repeat.Unlimited);
        return low <= high ? (low, high) : throw Error($"'{least}' is above '{most}'");
    }

    private int? Count(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int count) && count is >= 0 and <= PatternCursor.MostRepeats
            ? count
            : throw Error($"'{name}' must be an integer from 0 to {PatternCursor.MostRepeats}");
    }

    private static bool IsOf(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => false,
    };
}
