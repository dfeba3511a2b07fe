using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/configmap.yaml: the settings of each component.</summary>
public sealed class ConfigMapTests
{
    [HelmFact]
    public void ConfigMaps_OfEveryComponent_AreMade()
    {
        Assert.Equal(["demo-winnow-gateway", "demo-winnow-silo", "demo-winnow-worker-default"], Chart.Preset("values").Names("ConfigMap").Order());
    }

    [HelmFact]
    public void Models_OfValues_AreTheSilosOptions()
    {
        JsonNode model = Chart.Settings(Chart.With(Chart.Everything), "demo-winnow-silo").At("Silo/Models").AsArray()[0]!;

        Assert.Equal(
            """{"ContextTokens":8192,"DraftPath":"/models/small.gguf","ExitPath":"/models/exit.gguf","HeadPath":"/models/head.gguf","KvBlockTokens":32,"KvBlocks":4096,"MaxSequences":16,"ModelPath":"gateway://big.gguf","Name":"big","Replicas":3,"Shards":2,"StopHeadPath":"/models/stop.gguf"}""",
            model.ToJsonString());
    }

    [HelmFact]
    public void Drafter_OfAModel_IsTheGatewaysOption()
    {
        JsonNode gateway = Chart.Settings(Chart.With(Chart.Everything), "demo-winnow-gateway");

        Assert.Equal("""{"big":"suffix"}""", gateway.Json("Coordinator/ModelDrafters"));
        Assert.Equal(48, gateway.Int("Coordinator/MaxSequences"));
    }

    [HelmFact]
    public void Options_OfARole_GoToThatRoleAlone()
    {
        Manifests everything = Chart.With(Chart.Everything);

        Assert.Equal(9000, Chart.Settings(everything, "demo-winnow-silo").Int("Silo/DeadAfterMs"));
        Assert.Null(Chart.Settings(everything, "demo-winnow-silo").Find("Limits"));
        Assert.Null(Chart.Settings(everything, "demo-winnow-gateway").Find("Silo"));
        Assert.Null(Chart.Settings(everything, "demo-winnow-worker-draft").Find("Coordinator"));
    }

    [HelmFact]
    public void WorkerOptions_OfAPool_GoOverThoseOfAll()
    {
        Manifests everything = Chart.With(Chart.Everything);

        Assert.Equal(6, Chart.Settings(everything, "demo-winnow-worker-target").Int("Worker/Threads"));
        Assert.Equal(3, Chart.Settings(everything, "demo-winnow-worker-draft").Int("Worker/Threads"));
        Assert.Equal("q8_0", Chart.Settings(everything, "demo-winnow-worker-draft").Text("Worker/KvType"));
    }

    [HelmTheory]
    [InlineData(0, "cpu")]
    [InlineData(1, "cuda:0")]
    [InlineData(2, "cuda:0+cuda:1")]
    [InlineData(4, "cuda:0+cuda:1+cuda:2+cuda:3")]
    public void Device_OfAPool_IsItsGpus(int gpus, string device)
    {
        Manifests manifests = Chart.With($"workerPools: [{{name: a, gpus: {gpus}}}]");

        Assert.Equal(device, Chart.Settings(manifests, "demo-winnow-worker-a").Text("Worker/Device"));
    }

    [HelmFact]
    public void SiloAddresses_OfWorkers_NameEverySilo()
    {
        JsonNode worker = Chart.Settings(Chart.Preset("values-ha"), "demo-winnow-worker-target");

        Assert.Equal(
            """["https://demo-winnow-silo-0.demo-winnow-silo.ns.svc:7010","https://demo-winnow-silo-1.demo-winnow-silo.ns.svc:7010","https://demo-winnow-silo-2.demo-winnow-silo.ns.svc:7010"]""",
            worker.Json("Worker/SiloAddresses"));
    }

    [HelmFact]
    public void Database_WhenGiven_IsWhereSilosAreFound()
    {
        Manifests shared = Chart.Preset("values-ha");

        Assert.Equal("postgresql", Chart.Settings(shared, "demo-winnow-silo").Text("Silo/Clustering"));
        Assert.Equal("postgresql", Chart.Settings(shared, "demo-winnow-silo").Text("Silo/Storage"));
        Assert.Equal("postgresql", Chart.Settings(shared, "demo-winnow-gateway").Text("Gateway/Clustering"));
        Assert.Equal("/etc/winnow/database/connection-string", Chart.Settings(shared, "demo-winnow-gateway").Text("Gateway/ConnectionStringFile"));
        Assert.Equal("single", Chart.Settings(Chart.Preset("values"), "demo-winnow-silo").Text("Silo/Clustering"));
    }

    [HelmFact]
    public void Insecure_WithTls_IsOnlyWhatOrleansPortsNeed()
    {
        Manifests manifests = Chart.Preset("values-ha");

        Assert.False(Chart.Settings(manifests, "demo-winnow-gateway").Flag("Gateway/Insecure"));
        Assert.False(Chart.Settings(manifests, "demo-winnow-worker-target").Flag("Worker/Insecure"));
        Assert.True(Chart.Settings(manifests, "demo-winnow-silo").Flag("Silo/Insecure"));
        Assert.StartsWith("https://", Chart.Settings(manifests, "demo-winnow-silo").Text("Silo/Listen"), StringComparison.Ordinal);
    }

    [HelmFact]
    public void CacheBytes_OfAVolume_LeaveATenth()
    {
        Assert.Equal(45L << 30, (long)Chart.Settings(Chart.Preset("values"), "demo-winnow-worker-default").At("Models/CacheBytes").GetValue<double>());
    }

    [HelmFact]
    public void Change_OfOneRolesOptions_RestartsThatRoleAlone()
    {
        Manifests before = Chart.Preset("values");
        Manifests after = Chart.With("config: {Limits: {MaxConnections: 77}}");

        Assert.NotEqual(Checksum(before, "Deployment", "gateway"), Checksum(after, "Deployment", "gateway"));
        Assert.Equal(Checksum(before, "StatefulSet", "silo"), Checksum(after, "StatefulSet", "silo"));
        Assert.Equal(Checksum(before, "StatefulSet", "worker-default"), Checksum(after, "StatefulSet", "worker-default"));
    }

    private static string Checksum(Manifests manifests, string kind, string name)
        => manifests.One(kind, $"demo-winnow-{name}").Text("spec/template/metadata/annotations/checksum~config");
}
