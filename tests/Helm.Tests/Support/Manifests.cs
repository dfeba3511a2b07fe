using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Winnow.Helm.Tests.Support;

/// <summary>The objects of a rendering.</summary>
internal sealed class Manifests
{
    /// <summary>Reads what helm rendered.</summary>
    /// <param name="text">YAML documents.</param>
    public Manifests(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        All = [.. stream.Documents.Select(document => Convert(document.RootNode)).OfType<JsonObject>()];
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<JsonObject> All { get; }

    /// <summary>Those of a kind.</summary>
    public IReadOnlyList<JsonObject> Of(string kind) => [.. All.Where(manifest => manifest.Text("kind") == kind)];

    /// <summary>Names of those of a kind.</summary>
    public IEnumerable<string> Names(string kind) => Of(kind).Select(manifest => manifest.Text("metadata/name"));

    /// <summary>The only one of a kind and name.</summary>
    public JsonObject One(string kind, string name) => Assert.Single(Of(kind), manifest => manifest.Text("metadata/name") == name);

    /// <summary>Specifications of all pods: of Deployments, StatefulSets and pods themselves, with the name of the object.</summary>
    public IEnumerable<(string Name, JsonNode Spec)> Pods => All
        .Where(manifest => manifest.Text("kind") is "Deployment" or "StatefulSet" or "Pod")
        .Select(manifest => (manifest.Text("metadata/name"), manifest.At(manifest.Text("kind") == "Pod" ? "spec" : "spec/template/spec")));

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Convert(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
        YamlScalarNode { Style: ScalarStyle.Plain } plain => Plain(plain.Value!),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => throw new InvalidDataException($"YAML node '{node}' is of no known kind."),
    };

    private static JsonValue? Plain(string text) => text switch
    {
        "" or "~" or "null" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? JsonValue.Create(number) : JsonValue.Create(text),
    };
}
