using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Winnow.Tests.Common;

namespace Winnow.Conventions.Tests;

/// <summary>The chart's schema knows every option that it takes under <c>config</c>, with the words of docs/configuration.md: that part of it is made from the classes and the document.</summary>
public sealed partial class ChartSchemaTests
{
    private const string Update = "WINNOW_UPDATE_CHART";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void Config_InTheSchema_HasEveryOptionThatTheChartDoesNotSet()
    {
        string path = Path.Combine(SharedFolder.RepositoryRoot, "helm", "winnow", "values.schema.json");
        JsonNode schema = JsonNode.Parse(File.ReadAllText(path))!;
        JsonObject sections = schema["properties"]!["config"]!["properties"]!.AsObject();
        foreach ((string section, JsonNode? node) in sections)
        {
            node!["additionalProperties"] = false;
            node["properties"] = Properties(section);
        }
        string expected = schema.ToJsonString(Indented) + "\n";
        if (Environment.GetEnvironmentVariable(Update) is not null)
        {
            File.WriteAllText(path, expected);
        }

        Assert.True(expected == File.ReadAllText(path),
            $"helm/winnow/values.schema.json lacks options, or says something else of them; run '{Update}=1 dotnet test tests/Conventions.Tests' and look at the change.");
        Assert.Equal(ChartOptions.OfConfig.Select(option => option.Key.Split(':')[0]).Distinct().Order(StringComparer.Ordinal), sections.Select(section => section.Key).Order(StringComparer.Ordinal));
    }

    private static JsonObject Properties(string section) => new(ChartOptions.OfConfig.Where(option => option.Key.StartsWith(section + ":", StringComparison.Ordinal))
        .Select(option => KeyValuePair.Create(option.Key.Split(':')[1], (JsonNode?)new JsonObject { ["description"] = Meaning(option.Key), ["type"] = TypeOf(option.Key, option.Type) })));

    private static string TypeOf(string key, Type type)
        => type == typeof(bool) ? "boolean"
        : type == typeof(int) || type == typeof(long) ? "integer"
        : type == typeof(float) || type == typeof(double) ? "number"
        : type == typeof(string) || type == typeof(TimeSpan) || type.IsEnum ? "string"
        : throw new InvalidOperationException($"Option '{key}' is a {type.Name}; say here what its JSON type is, or let the chart set it.");

    private static string Meaning(string key)
    {
        string document = File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "docs", "configuration.md"));
        string row = document.Split('\n').Single(line => line.StartsWith($"| `{key}` |", StringComparison.Ordinal));
        return Link().Replace(row.Split('|')[3].Trim(), "$1");
    }

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Link();
}
