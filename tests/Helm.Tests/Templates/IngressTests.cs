using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/ingress.yaml.</summary>
public sealed class IngressTests
{
    [HelmFact]
    public void Ingress_Off_IsNotMade() => Assert.Empty(Chart.Preset("values").Of("Ingress"));

    [HelmFact]
    public void Ingress_On_LeadsToTheGateway()
    {
        JsonObject sut = Chart.With(Chart.Everything).One("Ingress", "demo-winnow");

        Assert.Equal("nginx", sut.Text("spec/ingressClassName"));
        Assert.Equal("llm.example.com", sut.Text("spec/rules/0/host"));
        Assert.Equal("demo-winnow-gateway", sut.Text("spec/rules/0/http/paths/0/backend/service/name"));
        Assert.Equal("llm-tls", sut.Text("spec/tls/0/secretName"));
        Assert.Equal("off", sut.Text("metadata/annotations/nginx.ingress.kubernetes.io~proxy-buffering"));
        Assert.Equal("serving", sut.Text("metadata/labels/team"));
    }

    [HelmFact]
    public void Ingress_WithoutACertificate_IsPlain()
    {
        Assert.Null(Chart.With("ingress: {enabled: true, hosts: [a.example]}").One("Ingress", "demo-winnow").Find("spec/tls"));
    }
}
