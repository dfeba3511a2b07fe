using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/worker-statefulsets.yaml: one for each pool.</summary>
public sealed class WorkerStatefulSetsTests
{
    [HelmFact]
    public void Pools_OfAPreset_AreStatefulSetsThatSelectTheirOwnPods()
    {
        Manifests manifests = Chart.Preset("values-gpu");
        JsonObject target = manifests.One("StatefulSet", "demo-winnow-worker-target");
        JsonObject draft = manifests.One("StatefulSet", "demo-winnow-worker-draft");

        Assert.Equal((3, 1), (target.Int("spec/replicas"), draft.Int("spec/replicas")));
        Assert.Equal("target", target.Text("spec/selector/matchLabels/winnow-pool"));
        Assert.Equal("draft", draft.Text("spec/selector/matchLabels/winnow-pool"));
        Assert.Equal("draft", Chart.Settings(manifests, "demo-winnow-worker-draft").Text("Worker/Role"));
    }

    [HelmFact]
    public void Gpus_OfAPool_AreALimitBesideTheOthers()
    {
        JsonNode container = Chart.Preset("values-gpu").One("StatefulSet", "demo-winnow-worker-target").At("spec/template/spec/containers/worker");

        Assert.Equal("""{"memory":"32Gi","nvidia.com/gpu":1}""", container.Json("resources/limits"));
        Assert.Equal("/var/cache/winnow/cuda", container.Text("env/CUDA_CACHE_PATH/value"));
        Assert.Equal("winnow-worker-cuda:0.1.0", container.Text("image"));
    }

    [HelmFact]
    public void Pool_WithoutGpus_AsksForNone()
    {
        JsonNode container = Chart.Preset("values").One("StatefulSet", "demo-winnow-worker-default").At("spec/template/spec/containers/worker");

        Assert.Null(container.Find("resources/limits"));
        Assert.Null(container.Find("env/CUDA_CACHE_PATH"));
    }

    [HelmFact]
    public void Scheduling_OfAPool_IsRendered()
    {
        JsonNode pod = Chart.With(Chart.Everything).One("StatefulSet", "demo-winnow-worker-target").At("spec/template/spec");

        Assert.Equal("yes", pod.Text("nodeSelector/gpu"));
        Assert.Equal("Exists", pod.Text("tolerations/0/operator"));
        Assert.Equal("nvidia", pod.Text("runtimeClassName"));
        Assert.NotNull(pod.Find("affinity/nodeAffinity"));
        Assert.Equal("""{"medium":"Memory","sizeLimit":"1Gi"}""", pod.Json("volumes/shm/emptyDir"));
        Assert.Equal("/dev/shm", pod.Text("containers/worker/volumeMounts/shm/mountPath"));
        Assert.Equal(2, pod.Int("containers/worker/resources/limits/nvidia.com~gpu"));
    }

    [HelmFact]
    public void TopologySpread_OfAPool_CountsItsOwnPods()
    {
        JsonNode spread = Chart.Preset("values").One("StatefulSet", "demo-winnow-worker-default").At("spec/template/spec/topologySpreadConstraints");

        Assert.Equal("topology.kubernetes.io/zone", spread.Text("0/topologyKey"));
        Assert.Equal("default", spread.Text("0/labelSelector/matchLabels/winnow-pool"));
        Assert.Equal("kubernetes.io/hostname", spread.Text("1/topologyKey"));
    }

    [HelmFact]
    public void Cache_OfAWorker_IsAClaimThatGoesWithTheRelease()
    {
        JsonObject sut = Chart.Preset("values").One("StatefulSet", "demo-winnow-worker-default");

        Assert.Equal("cache", sut.Text("spec/volumeClaimTemplates/0/metadata/name"));
        Assert.Equal("50Gi", sut.Text("spec/volumeClaimTemplates/0/spec/resources/requests/storage"));
        Assert.Equal("""{"whenDeleted":"Delete","whenScaled":"Retain"}""", sut.Json("spec/persistentVolumeClaimRetentionPolicy"));
        Assert.Null(Chart.With(Chart.Everything).One("StatefulSet", "demo-winnow-worker-draft").Find("spec/volumeClaimTemplates"));
    }

    [HelmFact]
    public void Worker_InTheCluster_HasItsPodsNameAndAddress()
    {
        JsonNode environment = Chart.Preset("values-ha").One("StatefulSet", "demo-winnow-worker-target").At("spec/template/spec/containers/worker/env");

        Assert.Equal("metadata.name", environment.Text("WINNOW_Worker__WorkerId/valueFrom/fieldRef/fieldPath"));
        Assert.Equal("https://$(POD_IP):7020", environment.Text("WINNOW_Worker__AdvertisedAddress/value"));
    }

    [HelmFact]
    public void GracePeriod_OfAPool_CoversItsDrain()
    {
        JsonObject sut = Chart.With("workerPools: [{name: a, drainSeconds: 120}]").One("StatefulSet", "demo-winnow-worker-a");

        Assert.Equal(135, sut.Int("spec/template/spec/terminationGracePeriodSeconds"));
    }

    [HelmFact]
    public void Replicas_ThatAScalerSets_AreNotGiven()
    {
        Assert.Null(Chart.With(Chart.Everything).One("StatefulSet", "demo-winnow-worker-target").Find("spec/replicas"));
    }
}
