using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/hpa.yaml.</summary>
public sealed class HpaTests
{
    [HelmFact]
    public void Hpa_Off_IsNotMade() => Assert.Empty(Chart.Preset("values").Of("HorizontalPodAutoscaler"));

    [HelmFact]
    public void Hpa_OfGateways_ScalesTheDeployment()
    {
        JsonObject sut = Chart.Preset("values-ha").One("HorizontalPodAutoscaler", "demo-winnow-gateway");

        Assert.Equal("""{"apiVersion":"apps/v1","kind":"Deployment","name":"demo-winnow-gateway"}""", sut.Json("spec/scaleTargetRef"));
        Assert.Equal((3, 10), (sut.Int("spec/minReplicas"), sut.Int("spec/maxReplicas")));
        Assert.Equal(70, sut.Int("spec/metrics/0/resource/target/averageUtilization"));
        Assert.Equal("gateway", sut.Text("metadata/labels/app.kubernetes.io~component"));
    }

    [HelmFact]
    public void Metrics_OfValues_AreAdded()
    {
        Assert.Equal("waiting", Chart.With(Chart.Everything).One("HorizontalPodAutoscaler", "demo-winnow-gateway").Text("spec/metrics/1/pods/metric/name"));
    }

    [HelmFact]
    public void Hpa_OfAPool_ScalesItsStatefulSet()
    {
        Manifests manifests = Chart.With("workerPools: [{name: a, autoscaling: {kind: hpa, cpuPercent: 60}}, {name: b}]");

        Assert.Equal("StatefulSet", Assert.Single(manifests.Of("HorizontalPodAutoscaler")).Text("spec/scaleTargetRef/kind"));
        Assert.Equal("demo-winnow-worker-a", manifests.Of("HorizontalPodAutoscaler")[0].Text("spec/scaleTargetRef/name"));
    }
}
