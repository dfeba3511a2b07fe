using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Winnow.Helm.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Helm.Tests;

/// <summary>dashboards/*.json, which eng/dashboards.mjs writes.</summary>
public sealed partial class DashboardFileTests
{
    private const int GridColumns = 24;
    private static readonly string[] Wanted = ["failures", "kubernetes", "memory", "overview", "pipeline", "speculation"];

    [HelmFact]
    public void Dashboards_AreThoseOfTheirDescriptions()
    {
        (int exitCode, _, string errors) = NodePackages.Script("../../../eng/dashboards.mjs", "--check");

        Assert.True(exitCode == 0, errors);
        Assert.Equal(Wanted, Monitoring.Dashboards.Keys.Order());
    }

    [Fact]
    public void Dashboards_HaveNamesThatStay()
    {
        Assert.All(Monitoring.Dashboards, dashboard => Assert.Equal($"winnow-{dashboard.Key}", dashboard.Value.Text("uid")));
        Assert.All(Monitoring.Dashboards.Values, dashboard => Assert.InRange(dashboard.Int("schemaVersion"), 39, 42));
        Assert.Equal(Wanted.Length, Monitoring.Dashboards.Values.Select(dashboard => dashboard.Text("title")).Distinct().Count());
    }

    [Fact]
    public void Panels_SayWhatTheyShowAndInWhichUnit()
    {
        foreach ((string dashboard, JsonNode panel) in Monitoring.Panels())
        {
            string where = $"{dashboard}: {panel.Text("title")}";
            Assert.False(string.IsNullOrWhiteSpace(panel.Find("fieldConfig/defaults/unit")?.GetValue<string>()), where);
            Assert.True(panel.Text("description") is [.., '.'] text && text.Length > 20, where);
            Assert.Equal("${datasource}", panel.Text("datasource/uid"));
            Assert.All(panel.At("targets").AsArray(), target => Assert.Equal("${datasource}", target!.Text("datasource/uid")));
            Assert.NotEmpty(panel.At("targets").AsArray());
        }
    }

    [Fact]
    public void Panels_OfADashboard_HaveIdsAndTitlesOfTheirOwn()
    {
        foreach (IGrouping<string, (string Dashboard, JsonNode Panel)> panels in Monitoring.Panels(withRows: true).GroupBy(panel => panel.Dashboard))
        {
            Assert.Equal(panels.Count(), panels.Select(panel => panel.Panel.Int("id")).Distinct().Count());
            Assert.Equal(panels.Count(), panels.Select(panel => (panel.Panel.Text("type"), panel.Panel.Text("title"))).Distinct().Count());
        }
    }

    [Fact]
    public void Panels_LieBesideEachOther()
    {
        foreach (IGrouping<string, (string Dashboard, JsonNode Panel)> panels in Monitoring.Panels(withRows: true).GroupBy(panel => panel.Dashboard))
        {
            var taken = new HashSet<(int X, int Y)>();
            foreach (JsonNode place in panels.Select(panel => panel.Panel.At("gridPos")))
            {
                (int x, int y, int width, int height) = (place.Int("x"), place.Int("y"), place.Int("w"), place.Int("h"));
                Assert.True(x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= GridColumns, $"{panels.Key}: {place}");
                Assert.All(Enumerable.Range(x, width).SelectMany(column => Enumerable.Range(y, height).Select(line => (column, line))),
                    cell => Assert.True(taken.Add(cell), $"{panels.Key}: two panels at {cell}"));
            }
        }
    }

    [Fact]
    public void Queries_AskForTheChosenNamespace_AndVariablesAreUsed()
    {
        foreach ((string name, JsonNode dashboard) in Monitoring.Dashboards)
        {
            string[] queries = [.. Monitoring.Panels().Where(panel => panel.Dashboard == name).SelectMany(panel => panel.Panel.At("targets").AsArray()).Select(target => target!.Text("expr"))];
            string[] used = [.. queries.SelectMany(query => Variable().Matches(query).Select(match => match.Groups[1].Value)).Where(variable => !variable.StartsWith('_')).Distinct()];

            Assert.All(queries, query => Assert.All(PromQl.Selectors(query), selector => Assert.Contains("namespace", selector.Labels)));
            Assert.Equal(["datasource", .. used.Order()], dashboard.At("templating/list").AsArray().Select(variable => variable!.Text("name")).OrderBy(variable => variable != "datasource").ThenBy(variable => variable));
        }
        // A pod serves no certain model.
        Assert.All(Wanted.Where(name => name != "kubernetes"), name =>
            Assert.Equal(["datasource", "namespace", "model", "pool"], Monitoring.Dashboards[name].At("templating/list").AsArray().Select(variable => variable!.Text("name"))));
    }

    [Fact]
    public void Runbooks_NamePanelsThatExist()
    {
        string[] titles = [.. Monitoring.Panels().Select(panel => panel.Panel.Text("title"))];
        string[] lines = [.. Directory.EnumerateFiles(Path.Combine(SharedFolder.RepositoryRoot, "docs", "runbooks")).SelectMany(File.ReadAllLines).Where(line => line.Contains("ashboard ", StringComparison.Ordinal))];

        Assert.NotEmpty(lines);
        Assert.Empty(lines.SelectMany(line => Quoted().Matches(line).Select(match => match.Groups[1].Value)).Except(titles));
    }

    [GeneratedRegex(@"\$(\w+)")]
    private static partial Regex Variable();

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Quoted();
}
