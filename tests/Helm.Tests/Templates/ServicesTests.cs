using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/services.yaml.</summary>
public sealed class ServicesTests
{
    [HelmFact]
    public void Gateway_OfThePreset_IsOneAddressOnPort80()
    {
        JsonObject sut = Chart.Preset("values").One("Service", "demo-winnow-gateway");

        Assert.Equal("ClusterIP", sut.Text("spec/type"));
        Assert.Equal(80, sut.Int("spec/ports/http/port"));
        Assert.Equal("gateway", sut.Text("spec/selector/app.kubernetes.io~component"));
    }

    [HelmFact]
    public void Gateway_AsNodePort_HasThePortAndAnnotations()
    {
        JsonObject sut = Chart.With(Chart.Everything).One("Service", "demo-winnow-gateway");

        Assert.Equal("NodePort", sut.Text("spec/type"));
        Assert.Equal(30080, sut.Int("spec/ports/http/nodePort"));
        Assert.Equal("b", sut.Text("metadata/annotations/a"));
        Assert.Equal("platform", sut.Text("metadata/annotations/owner"));
    }

    [HelmTheory]
    [InlineData("silo", 7010)]
    [InlineData("worker", 7020)]
    public void SilosAndWorkers_InEveryPreset_AreHeadlessAndFoundBeforeTheyAreReady(string role, int port)
    {
        JsonObject sut = Chart.Preset("values-ha").One("Service", $"demo-winnow-{role}");

        Assert.Equal("None", sut.Text("spec/clusterIP"));
        Assert.True(sut.Flag("spec/publishNotReadyAddresses"));
        Assert.Equal(port, sut.Int("spec/ports/grpc/port"));
    }

    [HelmFact]
    public void SiloEntry_WithADatabase_IsNotMade()
    {
        Assert.DoesNotContain("demo-winnow-silo-entry", Chart.Preset("values-ha").Names("Service"));
        Assert.Equal(30000, Chart.Preset("values").One("Service", "demo-winnow-silo-entry").Int("spec/ports/orleans-gw/port"));
    }

    [HelmFact]
    public void ModelStore_WhenEnabled_IsReachedBeforeGatewaysAreReady()
    {
        Manifests manifests = Chart.With(Chart.Everything);
        JsonObject sut = manifests.One("Service", "demo-winnow-model-store");

        Assert.True(sut.Flag("spec/publishNotReadyAddresses"));
        Assert.Equal("http://demo-winnow-model-store.ns.svc:8080", Chart.Settings(manifests, "demo-winnow-worker-draft").Text("Models/StoreAddresses/0"));
        Assert.Equal("/models", Chart.Settings(manifests, "demo-winnow-gateway").Text("Gateway/ModelStore"));
        Assert.DoesNotContain("demo-winnow-model-store", Chart.Preset("values").Names("Service"));
    }
}
