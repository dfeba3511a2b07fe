using System.Text.Json.Nodes;
using Winnow.Conventions.Tests;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests;

/// <summary>
/// Options classes, docs/configuration.md, environment names and values of the chart say the same: what the chart sets exists, and what exists can be set, by the chart's own values or
/// under <c>config</c>, whose schema the conventions hold.
/// </summary>
public sealed class OptionTests
{
    [HelmFact]
    public void Settings_OfEveryRendering_AreTheOptionsOfTheChart()
    {
        HashSet<string> set = [.. Renderings().SelectMany(SetBy)];

        Assert.Equal(ChartOptions.OfTheChart.Order(StringComparer.Ordinal), set.Except(ChartOptions.OfConfig.Select(option => option.Key)).Order(StringComparer.Ordinal));
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
    public void Defaults_OfValues_AreThoseOfTheOptions()
    {
        foreach ((string key, string value) in new[] { ("Gateway:DrainSeconds", "gateway.drainSeconds"), ("Worker:DrainSeconds", "worker.drainSeconds"), ("Worker:KvType", "worker.kvType"),
            ("Worker:Role", "worker.role"), ("Process:ShutdownSeconds", "shutdownSeconds"), ("Tls:PeerName", "tls.peerName") })
        {
            object? fallback = OptionCatalog.All.Single(option => option.Key == key).Default;
            Assert.Contains($"| `{value}` | `{fallback}` |", Chart.Read("README.md"), StringComparison.Ordinal);
        }
    }

    private static IEnumerable<Manifests> Renderings() => [.. Chart.Presets.Select(Chart.Preset), Chart.With(Chart.Everything)];

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
}
