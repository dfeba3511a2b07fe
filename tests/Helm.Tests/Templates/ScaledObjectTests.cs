using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/scaledobject.yaml.</summary>
public sealed class ScaledObjectTests
{
    [HelmFact]
    public void ScaledObject_Off_IsNotMade() => Assert.Empty(Chart.Preset("values").Of("ScaledObject"));

    [HelmFact]
    public void ScaledObject_OfAPool_FollowsQueueAndKvUseOfItsModel()
    {
        JsonObject sut = Chart.With(Chart.Everything).One("ScaledObject", "demo-winnow-worker-target");

        Assert.Equal("""{"apiVersion":"apps/v1","kind":"StatefulSet","name":"demo-winnow-worker-target"}""", sut.Json("spec/scaleTargetRef"));
        Assert.Equal("""sum(winnow_num_requests_waiting{namespace="ns",pod=~"demo-winnow-gateway-.*",model="big"})""", sut.Text("spec/triggers/waiting/metadata/query"));
        Assert.Equal("""max(winnow_kv_cache_usage_ratio{namespace="ns",pod=~"demo-winnow-gateway-.*",model="big"})""", sut.Text("spec/triggers/kv-use/metadata/query"));
        Assert.Equal("0.8", sut.Text("spec/triggers/kv-use/metadata/threshold"));
        Assert.Equal("Value", sut.Text("spec/triggers/kv-use/metricType"));
        Assert.Equal("http://prometheus.monitoring.svc:9090", sut.Text("spec/triggers/waiting/metadata/serverAddress"));
        Assert.Equal("target", sut.Text("metadata/labels/winnow-pool"));
    }

    [HelmFact]
    public void Queries_OfScaledObjects_AskForMetricsThatExist()
    {
        string names = File.ReadAllText(Path.Combine(Chart.Folder, "..", "..", "docs", "metrics.md"));

        Assert.All(Chart.With(Chart.Everything).Of("ScaledObject").SelectMany(scaled => scaled.At("spec/triggers").AsArray()),
            trigger => Assert.Contains($"| `{trigger!.Text("metadata/query").Split('(', '{')[1]}` |", names, StringComparison.Ordinal));
    }
}
