using System.Text.Json;

namespace Winnow.Inference.Templates.Runtime;

/// <summary>Makes template values of JSON.</summary>
internal static class JsonValues
{
    /// <summary>The value of a JSON element; whole numbers that fit 64 bits are integers.</summary>
    /// <exception cref="TemplateException">A string is not valid Unicode.</exception>
    public static object? From(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => FromObject(element),
        JsonValueKind.Array => new JinjaList([.. element.EnumerateArray().Select(From)]),
        JsonValueKind.String => Text(static text => text.GetString()!, element),
        JsonValueKind.Number => element.TryGetInt64(out long integer) && IsWhole(element) ? integer : (object)element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static JinjaDict FromObject(JsonElement element)
    {
        JinjaDict dict = new();
        foreach (JsonProperty property in element.EnumerateObject())
        {
            dict.With(Text(static property => property.Name, property), From(property.Value));
        }
        return dict;
    }

    private static string Text<T>(Func<T, string> read, T source)
    {
        try
        {
            return read(source);
        }
        catch (InvalidOperationException inner)
        {
            throw new TemplateException(0, "a string of the input is not valid Unicode", inner);
        }
    }

    // 1.0 is a float to Python, though it fits an integer.
    private static bool IsWhole(JsonElement element) => element.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0;
}
