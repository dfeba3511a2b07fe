using System.Text.Json.Nodes;

namespace Winnow.Helm.Tests.Support;

/// <summary>Ways to what tests look at.</summary>
internal static class JsonPath
{
    /// <summary>What is at a path such as <c>spec/ports/0/port</c>; fails when nothing is.</summary>
    public static JsonNode At(this JsonNode node, string path)
        => node.Find(path) ?? throw new InvalidDataException($"There is nothing at '{path}' of\n{node}");

    /// <summary>The same, or null when nothing is there.</summary>
    public static JsonNode? Find(this JsonNode node, string path)
    {
        JsonNode? found = node;
        foreach (string part in path.Split('/').Select(part => part.Replace('~', '/')))
        {
            found = found switch
            {
                JsonObject map => map[part],
                JsonArray list when int.TryParse(part, out int index) && index < list.Count => list[index],
                // An item of a list by its name.
                JsonArray list => list.SingleOrDefault(item => item?["name"]?.GetValue<string>() == part),
                _ => null,
            };
        }
        return found;
    }

    /// <summary>The text at a path.</summary>
    public static string Text(this JsonNode node, string path) => node.At(path).GetValue<string>();

    /// <summary>The number at a path.</summary>
    public static int Int(this JsonNode node, string path) => (int)node.At(path).GetValue<double>();

    /// <summary>Whether true is at a path.</summary>
    public static bool Flag(this JsonNode node, string path) => node.At(path).GetValue<bool>();

    /// <summary>What is at a path as JSON, to be compared whole.</summary>
    public static string Json(this JsonNode node, string path) => node.At(path).ToJsonString(Relaxed);

    private static readonly System.Text.Json.JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
