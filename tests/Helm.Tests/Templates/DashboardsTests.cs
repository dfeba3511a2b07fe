using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/dashboards.yaml: one ConfigMap for each file in dashboards/.</summary>
public sealed class DashboardsTests
{
    [HelmFact]
    public void Dashboards_Off_AreNotMade() => Assert.DoesNotContain(Chart.Preset("values").Names("ConfigMap"), name => name.Contains("dashboard", StringComparison.Ordinal));

    [HelmFact]
    public void Dashboards_On_AreTheFilesAsTheyAre()
    {
        Manifests manifests = Chart.With(Chart.Everything);
        string[] names = [.. ChartFiles.Names("dashboards", "*.json")];

        Assert.Equal(names.Select(name => $"demo-winnow-dashboard-{name}").Order(), manifests.Names("ConfigMap").Where(name => name.Contains("-dashboard-", StringComparison.Ordinal)).Order());
        foreach (string name in names)
        {
            JsonObject map = manifests.One("ConfigMap", $"demo-winnow-dashboard-{name}");
            Assert.Equal("1", map.Text("metadata/labels/grafana_dashboard"));
            Assert.Equal(Chart.Read($"dashboards/{name}.json").TrimEnd(), map.Text($"data/{name}.json").TrimEnd());
        }
    }

    [HelmFact]
    public void Dashboard_OfAFile_IsNotTakenForATemplate()
    {
        using ChartCopy copy = new ChartCopy().With("dashboards/a.json", """{"title": "{{ model }}"}""").With("on.yaml", "monitoring: {dashboards: {enabled: true, annotations: {grafana_folder: Winnow}}}");

        JsonObject sut = copy.Render("on.yaml").One("ConfigMap", "demo-winnow-dashboard-a");

        Assert.Equal("""{"title": "{{ model }}"}""", sut.Text("data/a.json").TrimEnd());
        Assert.Equal("Winnow", sut.Text("metadata/annotations/grafana_folder"));
    }
}
