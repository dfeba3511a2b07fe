using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/tests/connection.yaml: the pod of helm test.</summary>
public sealed class ConnectionTestTests
{
    [HelmFact]
    public void Test_Off_IsNotMade()
    {
        Manifests manifests = Chart.With("test: {enabled: false}");

        Assert.Empty(manifests.Of("Pod"));
        Assert.DoesNotContain("demo-winnow-test", manifests.Names("NetworkPolicy"));
    }

    [HelmFact]
    public void Test_On_AsksTheGatewayWhetherItIsReady()
    {
        JsonObject sut = Chart.Preset("values").One("Pod", "demo-winnow-test");

        Assert.Equal("test", sut.Text("metadata/annotations/helm.sh~hook"));
        Assert.Equal("http://demo-winnow-gateway.ns.svc:80/health/ready", sut.At("spec/containers/test/args").AsArray()[^1]!.GetValue<string>());
        Assert.Equal("docker.io/curlimages/curl:8.11.1", sut.Text("spec/containers/test/image"));
    }
}
