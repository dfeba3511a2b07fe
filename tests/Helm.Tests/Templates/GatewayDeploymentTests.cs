using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/gateway-deployment.yaml.</summary>
public sealed class GatewayDeploymentTests
{
    [HelmFact]
    public void Deployment_OfThePreset_HasReplicasLabelsAndPorts()
    {
        JsonObject sut = Gateway(Chart.Preset("values"));

        Assert.Equal(2, sut.Int("spec/replicas"));
        Assert.Equal("""{"app.kubernetes.io/name":"winnow","app.kubernetes.io/instance":"demo-winnow","app.kubernetes.io/component":"gateway"}""", sut.Json("spec/selector/matchLabels"));
        Assert.Equal(8080, sut.Int("spec/template/spec/containers/gateway/ports/http/containerPort"));
        Assert.Equal("winnow-gateway:0.1.0", sut.Text("spec/template/spec/containers/gateway/image"));
        Assert.Equal(0, sut.Int("spec/strategy/rollingUpdate/maxUnavailable"));
    }

    [HelmFact]
    public void Replicas_ThatAScalerSets_AreNotGiven()
    {
        Assert.Null(Gateway(Chart.Preset("values-ha")).Find("spec/replicas"));
    }

    [HelmTheory]
    [InlineData("gateway: {preStopSeconds: 5, drainSeconds: 45}", 65)]
    [InlineData("{gateway: {preStopSeconds: 20, drainSeconds: 300}, shutdownSeconds: 30}", 355)]
    public void GracePeriod_OfThePod_CoversPreStopDrainAndStop(string values, int seconds)
    {
        Manifests manifests = Chart.With(values);
        JsonNode pod = Gateway(manifests).At("spec/template/spec");
        JsonNode settings = Chart.Settings(manifests, "demo-winnow-gateway");

        Assert.Equal(seconds, pod.Int("terminationGracePeriodSeconds"));
        Assert.Equal(seconds - 5, pod.Int("containers/gateway/lifecycle/preStop/sleep/seconds") + settings.Int("Gateway/DrainSeconds") + settings.Int("Process/ShutdownSeconds"));
    }

    [HelmFact]
    public void PreStop_OfZeroSeconds_IsNotRendered()
    {
        Assert.Null(Gateway(Chart.With("gateway: {preStopSeconds: 0}")).Find("spec/template/spec/containers/gateway/lifecycle"));
    }

    [HelmFact]
    public void Silo_WithoutADatabase_IsFoundByTheVariableOfItsService()
    {
        Manifests manifests = Chart.Preset("values");
        JsonNode pod = Gateway(manifests).At("spec/template/spec");

        Assert.True(pod.Flag("enableServiceLinks"));
        Assert.Equal("$(DEMO_WINNOW_SILO_ENTRY_SERVICE_HOST):30000", pod.Text("containers/gateway/env/WINNOW_Gateway__SiloGateways__0/value"));
        Assert.Equal("demo-winnow-silo-entry", manifests.One("Service", "demo-winnow-silo-entry").Text("metadata/name"));
    }

    [HelmFact]
    public void Silos_InADatabase_AreFoundThere()
    {
        JsonNode pod = Gateway(Chart.Preset("values-ha")).At("spec/template/spec");

        Assert.False(pod.Flag("enableServiceLinks"));
        Assert.Null(pod.Find("containers/gateway/env/WINNOW_Gateway__SiloGateways__0"));
        Assert.Equal("winnow-database", pod.Text("volumes/database/secret/secretName"));
    }

    [HelmFact]
    public void Keys_OfASecret_AreMountedWhereTheGatewayReadsThem()
    {
        Manifests manifests = Chart.Preset("values-ha");

        Assert.Equal("winnow-api-keys", Gateway(manifests).Text("spec/template/spec/volumes/keys/secret/secretName"));
        Assert.Equal("/etc/winnow/keys", Gateway(manifests).Text("spec/template/spec/containers/gateway/volumeMounts/keys/mountPath"));
        Assert.Equal("/etc/winnow/keys/keys.json", Chart.Settings(manifests, "demo-winnow-gateway").Text("Gateway/KeysFile"));
    }

    [HelmFact]
    public void Extras_OfTheRole_AreRendered()
    {
        JsonObject sut = Gateway(Chart.With(Chart.Everything));

        Assert.Equal("registry.example.com/winnow/winnow-gateway:9", sut.Text("spec/template/spec/containers/gateway/image"));
        Assert.Equal("1", sut.Text("spec/template/spec/containers/gateway/env/EXTRA/value"));
        Assert.Equal("/more", sut.Text("spec/template/spec/containers/gateway/volumeMounts/more/mountPath"));
        Assert.Equal("high", sut.Text("spec/template/spec/priorityClassName"));
        Assert.Equal("edge", sut.Text("spec/template/metadata/labels/zone"));
        Assert.Equal("one", sut.Text("spec/template/metadata/annotations/note"));
        Assert.Equal("hub", sut.Text("spec/template/spec/containers/gateway/env/WINNOW_Models__BearerToken/valueFrom/secretKeyRef/name"));
        Assert.Equal("pull", sut.Text("spec/template/spec/imagePullSecrets/0/name"));
    }

    private static JsonObject Gateway(Manifests manifests) => manifests.One("Deployment", "demo-winnow-gateway");
}
