using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/podmonitor.yaml.</summary>
public sealed class PodMonitorTests
{
    [HelmFact]
    public void PodMonitor_Off_IsNotMade() => Assert.Empty(Chart.Preset("values").Of("PodMonitor"));

    [HelmFact]
    public void PodMonitor_On_ScrapesEveryRoleAndNamesItsPool()
    {
        JsonObject sut = Chart.Preset("values-ha").One("PodMonitor", "demo-winnow");

        Assert.Equal("""{"app.kubernetes.io/name":"winnow","app.kubernetes.io/instance":"demo-winnow"}""", sut.Json("spec/selector/matchLabels"));
        Assert.Equal("http", sut.Text("spec/podMetricsEndpoints/0/port"));
        Assert.Equal("/metrics", sut.Text("spec/podMetricsEndpoints/0/path"));
        Assert.Equal(["role", "pool"], sut.At("spec/podMetricsEndpoints/0/relabelings").AsArray().Select(relabeling => relabeling!.Text("targetLabel")));
    }

    [HelmFact]
    public void Labels_OfMonitors_AreRendered()
    {
        Assert.Equal("main", Chart.With("monitoring: {podMonitor: {enabled: true}, labels: {release: main}}").One("PodMonitor", "demo-winnow").Text("metadata/labels/release"));
    }
}
