using System.Text.Json;

namespace Winnow.Gateway.Api;

/// <summary>
/// Reads the fields of a JSON request object with the type, range and name in every refusal, and refuses fields nobody read.
/// </summary>
internal sealed class RequestFields
{
    private readonly JsonElement _body;
    private readonly string _prefix;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <param name="body">The JSON value that should be an object.</param>
    /// <param name="prefix">Put before names in messages, for nested objects such as <c>stream_options.</c>.</param>
    public RequestFields(JsonElement body, string prefix = "")
    {
        _body = body;
        _prefix = prefix;
        if (body.ValueKind != JsonValueKind.Object)
        {
            throw ApiException.Invalid(prefix.Length == 0 ? null : prefix.TrimEnd('.'), $"'{(prefix.Length == 0 ? "body" : prefix.TrimEnd('.'))}' must be a JSON object; found {Describe(body)}.", "invalid_type");
        }
    }

    public string Name(string field) => _prefix + field;

    /// <summary>The field's value; false when it is absent or null.</summary>
    public bool TryGet(string field, out JsonElement value)
    {
        _read.Add(field);
        return _body.TryGetProperty(field, out value) && value.ValueKind != JsonValueKind.Null;
    }

    public string? GetString(string field)
    {
        if (!TryGet(field, out JsonElement value))
        {
            return null;
        }
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw WrongType(field, "a string", value);
    }

    public string RequireString(string field)
        => GetString(field) ?? throw ApiException.Invalid(Name(field), $"'{Name(field)}' is required and must be a string.", "missing_required_parameter");

    public bool GetBoolean(string field, bool fallback)
    {
        if (!TryGet(field, out JsonElement value))
        {
            return fallback;
        }
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw WrongType(field, "true or false", value);
    }

    public int? GetInteger(string field, int minimum, int maximum)
    {
        if (!TryGet(field, out JsonElement value))
        {
            return null;
        }
        if (value.ValueKind != JsonValueKind.Number)
        {
            throw WrongType(field, "an integer", value);
        }
        return value.TryGetInt32(out int number) && number >= minimum && number <= maximum
            ? number
            : throw ApiException.Invalid(Name(field), $"'{Name(field)}' is {Describe(value)}; it must be an integer from {minimum} to {maximum}.");
    }

    /// <summary>An integer of 64 bits, signed or not; a negative one stands for its two's complement.</summary>
    public ulong? GetSeed(string field)
    {
        if (!TryGet(field, out JsonElement value))
        {
            return null;
        }
        if (value.ValueKind != JsonValueKind.Number)
        {
            throw WrongType(field, "an integer", value);
        }
        if (value.TryGetUInt64(out ulong number))
        {
            return number;
        }
        return value.TryGetInt64(out long negative)
            ? unchecked((ulong)negative)
            : throw ApiException.Invalid(Name(field), $"'{Name(field)}' is {Describe(value)}; it must be an integer of at most 64 bits.");
    }

    public float GetNumber(string field, float fallback, float minimum, float maximum)
    {
        if (!TryGet(field, out JsonElement value))
        {
            return fallback;
        }
        if (value.ValueKind != JsonValueKind.Number)
        {
            throw WrongType(field, "a number", value);
        }
        float number = (float)value.GetDouble();
        return number >= minimum && number <= maximum
            ? number
            : throw ApiException.Invalid(Name(field), $"'{Name(field)}' is {Describe(value)}; it must be a number from {minimum} to {maximum}.");
    }

    public ApiException WrongType(string field, string expected, JsonElement found)
        => ApiException.Invalid(Name(field), $"'{Name(field)}' must be {expected}; found {Describe(found)}.", "invalid_type");

    /// <summary>Accepts fields that change nothing here, such as <c>user</c>.</summary>
    public void Accept(params ReadOnlySpan<string> fields)
    {
        foreach (string field in fields)
        {
            _read.Add(field);
        }
    }

    /// <summary>Refuses fields of the OpenAI API that Winnow does not have, unless they are null.</summary>
    public void Refuse(params ReadOnlySpan<string> fields)
    {
        foreach (string field in fields)
        {
            if (TryGet(field, out _))
            {
                throw ApiException.Unsupported(Name(field), $"'{Name(field)}' is not supported; leave it out.");
            }
        }
    }

    /// <summary>Refuses whatever was neither read nor accepted.</summary>
    public void RefuseUnknown()
    {
        foreach (JsonProperty property in _body.EnumerateObject())
        {
            if (!_read.Contains(property.Name))
            {
                throw ApiException.Invalid(Name(property.Name), $"'{Name(property.Name)}' is not a field of this request; remove it or check its spelling.", "unknown_parameter");
            }
        }
    }

    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array when value.GetArrayLength() == 0 => "an empty array",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => $"the string '{Shorten(value.GetString() ?? "")}'",
        _ => $"'{Shorten(value.GetRawText())}'",
    };

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
