using System.Text.Json.Nodes;

namespace Winnow.Helm.Tests.Support;

/// <summary>The chart's dashboards, recording rules and alerts.</summary>
internal static class Monitoring
{
    /// <summary>Dashboards by file name.</summary>
    public static IReadOnlyDictionary<string, JsonNode> Dashboards { get; } =
        ChartFiles.Names("dashboards", "*.json").ToDictionary(name => name, name => JsonNode.Parse(Chart.Read($"dashboards/{name}.json"))!);

    /// <summary>Rules of all files.</summary>
    public static IReadOnlyList<JsonNode> Rules { get; } =
        [.. ChartFiles.Names("rules", "*.yaml").SelectMany(name => new Manifests(Chart.Read($"rules/{name}.yaml")).All)
            .SelectMany(file => file.At("groups").AsArray()).SelectMany(group => group!.At("rules").AsArray()).Select(rule => rule!)];

    /// <summary>Those that are alerts.</summary>
    public static IReadOnlyList<JsonNode> Alerts { get; } = [.. Rules.Where(rule => rule.Find("alert") is not null)];

    /// <summary>All panels with the name of their dashboard, those that are rows only where asked for.</summary>
    public static IEnumerable<(string Dashboard, JsonNode Panel)> Panels(bool withRows = false) => Dashboards
        .SelectMany(dashboard => dashboard.Value.At("panels").AsArray().Select(panel => (dashboard.Key, panel!)))
        .Where(panel => withRows || panel.Item2.Text("type") != "row");

    /// <summary>All queries of dashboards and rules, with where they are.</summary>
    public static IEnumerable<(string Where, string Query)> Queries =>
        Panels().SelectMany(panel => panel.Panel.At("targets").AsArray().Select(target => ($"{panel.Dashboard}: {panel.Panel.Text("title")}", target!.Text("expr"))))
            .Concat(Rules.Select(rule => ((rule.Find("alert") ?? rule.At("record")).GetValue<string>(), rule.Text("expr"))));
}
