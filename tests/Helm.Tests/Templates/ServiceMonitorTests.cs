using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/servicemonitor.yaml.</summary>
public sealed class ServiceMonitorTests
{
    [HelmFact]
    public void ServiceMonitor_Off_IsNotMade() => Assert.Empty(Chart.Preset("values").Of("ServiceMonitor"));

    [HelmFact]
    public void ServiceMonitor_On_ScrapesEveryPodOnce()
    {
        Manifests manifests = Chart.With(Chart.Everything);
        JsonObject sut = manifests.One("ServiceMonitor", "demo-winnow");

        Assert.Equal("http", sut.Text("spec/endpoints/0/port"));
        Assert.Equal("15s", sut.Text("spec/endpoints/0/interval"));
        Assert.Equal("prometheus", sut.Text("metadata/labels/release"));
        string[] scraped = [.. manifests.Of("Service").Where(service => service.Find("spec/ports/http") is not null).Select(service => service.Text("metadata/labels/app.kubernetes.io~component"))];
        Assert.Equal(["gateway", "silo", "worker"], scraped.Order());
    }
}
