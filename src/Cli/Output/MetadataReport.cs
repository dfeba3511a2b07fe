using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Winnow.Inference.Files;

namespace Winnow.Cli.Output;

/// <summary>A metadata value of a model file; of a long array only its length.</summary>
internal sealed record MetadataReport
{
    private const int LongestArray = 16;

    /// <summary>Type for people, such as <c>Array of String</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Elements of an array.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Length { get; init; }

    /// <summary>The value; missing for an array of more than 16 elements. Floats that are not finite are strings.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonNode? Value { get; init; }

    /// <summary>Reports a value.</summary>
    public static MetadataReport From(GgufValue value) => new()
    {
        Type = value.TypeName,
        Length = (value.Value as Array)?.Length,
        Value = value.Value switch
        {
            Array { Length: > LongestArray } => null,
            Array array => new JsonArray([.. array.Cast<object>().Select(Scalar)]),
            object scalar => Scalar(scalar),
        },
    };

    /// <summary>The value for people.</summary>
    public string ForPeople() => Length > LongestArray
        ? string.Create(CultureInfo.InvariantCulture, $"[{Length} elements]")
        : (Value as JsonValue)?.TryGetValue(out string? text) == true ? text : Value!.ToJsonString();

    private static JsonNode Scalar(object value) => value switch
    {
        string text => text,
        bool flag => flag,
        float number => float.IsFinite(number) ? number : number.ToString(CultureInfo.InvariantCulture),
        double number => double.IsFinite(number) ? number : number.ToString(CultureInfo.InvariantCulture),
        ulong number => number,
        _ => Convert.ToInt64(value, CultureInfo.InvariantCulture),
    };
}
