using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Winnow.Conventions.Tests;
using Winnow.Helm.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Helm.Tests;

/// <summary>
/// Options classes, docs/configuration.md, environment names and values of the chart say the same: what the chart sets exists, and what exists can be set, by the chart's own values or
/// under <c>config</c>, whose schema is made from the classes and the document.
/// </summary>
public sealed partial class OptionTests
{
    private const string Update = "WINNOW_UPDATE_CHART";

    /// <summary>What the chart sets itself, from values of its own.</summary>
    private static readonly HashSet<string> OfTheChart =
    [
        "Gateway:Listen", "Gateway:GrpcListen", "Gateway:AdminKeys", "Gateway:KeysFile", "Gateway:Insecure", "Gateway:SiloGateways", "Gateway:Clustering", "Gateway:ConnectionStringFile",
        "Gateway:ModelStore", "Gateway:DrainSeconds", "Coordinator:ModelDrafters", "Replica:GatewayAddress", "Replica:ClusterToken",
        "Worker:WorkerId", "Worker:Listen", "Worker:HttpListen", "Worker:AdvertisedAddress", "Worker:SiloAddresses", "Worker:Role", "Worker:Device", "Worker:KvType", "Worker:ClusterToken",
        "Worker:Insecure", "Worker:DrainSeconds",
        "Silo:Listen", "Silo:HttpListen", "Silo:Clustering", "Silo:Storage", "Silo:ConnectionStringFile", "Silo:OrleansAddress", "Silo:OrleansSiloPort", "Silo:OrleansGatewayPort",
        "Silo:DataDirectory", "Silo:ClusterToken", "Silo:Insecure", "Silo:Models",
        "Tls:Certificate", "Tls:Key", "Tls:Authority", "Tls:PeerName",
        "Models:CacheDirectory", "Models:CacheBytes", "Models:StoreAddresses", "Models:BearerToken",
        "Process:ShutdownSeconds",
    ];

    /// <summary>What has no meaning in a pod, or names that both ends must have in common and no chart has a reason to change.</summary>
    private static readonly HashSet<string> NotForPods =
    [
        "Gateway:ApiKeys", "Gateway:ConnectionString", "Gateway:ClusterId", "Gateway:ServiceId", "Silo:ConnectionString", "Replica:GatewayId",
        "Process:ConfigFile", "Process:ReadyJson", "Process:ExitOnStdinClose", "Process:ParentPid",
    ];

    [HelmFact]
    public void Settings_OfEveryRendering_AreTheOptionsOfTheChart()
    {
        HashSet<string> set = [.. Manifests().SelectMany(SetBy)];

        Assert.Equal(OfTheChart.Order(StringComparer.Ordinal), set.Except(FromConfig()).Order(StringComparer.Ordinal));
    }

    [HelmFact]
    public void Models_OfValues_HaveEveryOptionOfAModel()
    {
        IEnumerable<string> options = OptionCatalog.All.Where(option => option.Key.StartsWith("Silo:Models:N:", StringComparison.Ordinal)).Select(option => option.Key.Split(':')[^1]);

        JsonObject model = Chart.Settings(Chart.With(Chart.Everything), "demo-winnow-silo").At("Silo/Models/0").AsObject();

        Assert.Equal(options.Order(StringComparer.Ordinal), model.Select(option => option.Key).Order(StringComparer.Ordinal));
        JsonObject described = JsonNode.Parse(Chart.Read("values.schema.json"))!.At("properties/models/items/properties").AsObject();
        Assert.Equal(model.Select(option => option.Key).Append("Drafter").Order(StringComparer.Ordinal), described.Select(key => char.ToUpperInvariant(key.Key[0]) + key.Key[1..]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Config_InTheSchema_HasEveryOptionThatTheChartDoesNotSet()
    {
        string path = Path.Combine(Chart.Folder, "values.schema.json");
        JsonNode schema = JsonNode.Parse(File.ReadAllText(path))!;
        foreach ((string section, JsonNode? given) in schema.At("properties/config/properties").AsObject())
        {
            given!["additionalProperties"] = false;
            given["properties"] = Properties(section);
        }
        schema.At("properties/worker/properties/config")["$ref"] = "#/properties/config/properties/Worker";
        string expected = schema.ToJsonString(Indented) + "\n";
        if (Environment.GetEnvironmentVariable(Update) is not null)
        {
            File.WriteAllText(path, expected);
        }

        Assert.True(expected == File.ReadAllText(path), $"helm/winnow/values.schema.json lacks options, or says something else of them; run '{Update}=1 dotnet test tests/Helm.Tests' and look at the change.");
        Assert.Equal(Sections().Order(StringComparer.Ordinal), schema.At("properties/config/properties").AsObject().Select(section => section.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Defaults_OfValues_AreThoseOfTheOptions()
    {
        foreach ((string key, string value) in new[] { ("Gateway:DrainSeconds", "gateway.drainSeconds"), ("Worker:DrainSeconds", "worker.drainSeconds"), ("Worker:KvType", "worker.kvType"),
            ("Worker:Role", "worker.role"), ("Process:ShutdownSeconds", "shutdownSeconds"), ("Tls:PeerName", "tls.peerName") })
        {
            object? fallback = OptionCatalog.All.Single(option => option.Key == key).Default;
            Assert.Contains($"| `{value}` | `{fallback}` |", Chart.Read("README.md"), StringComparison.Ordinal);
        }
    }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static IEnumerable<Manifests> Manifests() => [.. Chart.Presets.Select(Chart.Preset), Chart.With(Chart.Everything)];

    private static IEnumerable<string> Sections() => FromConfig().Select(key => key.Split(':')[0]).Distinct();

    // Of a model, options are those of the chart's models.
    private static IEnumerable<string> FromConfig() => OptionCatalog.All.Select(option => option.Key)
        .Where(key => !OfTheChart.Contains(key) && !NotForPods.Contains(key) && !key.StartsWith("Silo:Models:", StringComparison.Ordinal));

    private static JsonObject Properties(string section)
    {
        IEnumerable<string> keys = FromConfig().Where(key => key.StartsWith(section + ":", StringComparison.Ordinal));
        return new JsonObject(keys.Select(key => KeyValuePair.Create(key.Split(':')[1], (JsonNode?)new JsonObject { ["description"] = Meaning(key), ["type"] = TypeOf(key) })));
    }

    private static string TypeOf(string key)
    {
        Type type = OptionCatalog.All.Single(option => option.Key == key).Type;
        return type == typeof(bool) ? "boolean"
            : type == typeof(int) || type == typeof(long) ? "integer"
            : type == typeof(float) || type == typeof(double) ? "number"
            : type == typeof(string) || type == typeof(TimeSpan) || type.IsEnum ? "string"
            : throw new InvalidOperationException($"Option '{key}' is a {type.Name}; say here what its JSON type is, or let the chart set it.");
    }

    private static string Meaning(string key)
    {
        string document = File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "docs", "configuration.md"));
        string row = document.Split('\n').Single(line => line.StartsWith($"| `{key}` |", StringComparison.Ordinal));
        return Link().Replace(row.Split('|')[3].Trim(), "$1").Replace(" ([", " (", StringComparison.Ordinal);
    }

    // Keys of the settings files and of the environment, as sections and options.
    private static IEnumerable<string> SetBy(Manifests manifests)
    {
        IEnumerable<string> files = manifests.Of("ConfigMap").Where(map => map.Find("data/winnow.json") is not null)
            .SelectMany(map => JsonNode.Parse(map.Text("data/winnow.json"))!.AsObject())
            .Where(section => section.Key != "Logging")
            .SelectMany(section => section.Value!.AsObject().Select(option => $"{section.Key}:{option.Key}"));
        IEnumerable<string> variables = manifests.Pods.SelectMany(pod => pod.Spec.At("containers").AsArray())
            .SelectMany(container => container!.Find("env")?.AsArray() ?? []).Select(variable => variable!.Text("name"))
            .Where(name => name.StartsWith("WINNOW_", StringComparison.Ordinal))
            .Select(name => string.Join(':', name["WINNOW_".Length..].Split("__").Take(2)));
        return files.Concat(variables);
    }

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex Link();
}
