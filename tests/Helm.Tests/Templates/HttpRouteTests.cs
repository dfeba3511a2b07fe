using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/httproute.yaml.</summary>
public sealed class HttpRouteTests
{
    [HelmFact]
    public void HttpRoute_Off_IsNotMade() => Assert.Empty(Chart.Preset("values").Of("HTTPRoute"));

    [HelmFact]
    public void HttpRoute_On_LeadsToTheGatewayWithoutATimeLimit()
    {
        JsonObject sut = Chart.With(Chart.Everything).One("HTTPRoute", "demo-winnow");

        Assert.Equal("edge", sut.Text("spec/parentRefs/0/name"));
        Assert.Equal("llm.example.com", sut.Text("spec/hostnames/0"));
        Assert.Equal("demo-winnow-gateway", sut.Text("spec/rules/0/backendRefs/0/name"));
        Assert.Equal(80, sut.Int("spec/rules/0/backendRefs/0/port"));
        Assert.Equal("0s", sut.Text("spec/rules/0/timeouts/request"));
        Assert.Equal("demo-winnow", sut.Text("metadata/labels/app.kubernetes.io~instance"));
    }
}
