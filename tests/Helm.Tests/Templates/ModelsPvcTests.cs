using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/models-pvc.yaml and the volume that it is for.</summary>
public sealed class ModelsPvcTests
{
    [HelmFact]
    public void Claim_Off_IsNeitherMadeNorMounted()
    {
        Manifests manifests = Chart.Preset("values");

        Assert.Empty(manifests.Of("PersistentVolumeClaim"));
        Assert.All(manifests.Pods, pod => Assert.Null(pod.Spec.Find("volumes/models")));
    }

    [HelmFact]
    public void Claim_On_IsKeptAndMountedReadOnlyEverywhere()
    {
        Manifests manifests = Chart.With(Chart.Everything);
        JsonObject sut = manifests.One("PersistentVolumeClaim", "demo-winnow-models");

        Assert.Equal("shared", sut.Text("spec/storageClassName"));
        Assert.Equal("100Gi", sut.Text("spec/resources/requests/storage"));
        Assert.Equal("ReadWriteMany", sut.Text("spec/accessModes/0"));
        Assert.Equal("keep", sut.Text("metadata/annotations/helm.sh~resource-policy"));
        Assert.All(manifests.Pods.Where(pod => pod.Name != "demo-winnow-test"), pod =>
        {
            Assert.Equal("demo-winnow-models", pod.Spec.Text("volumes/models/persistentVolumeClaim/claimName"));
            Assert.True(pod.Spec.Flag("containers/0/volumeMounts/models/readOnly"));
        });
    }

    [HelmFact]
    public void Claim_ThatIsGiven_IsMountedAndNotMade()
    {
        Manifests manifests = Chart.With("modelVolume: {enabled: true, existingClaim: mine, mountPath: /weights}");

        Assert.Empty(manifests.Of("PersistentVolumeClaim"));
        Assert.Equal("mine", manifests.One("StatefulSet", "demo-winnow-silo").Text("spec/template/spec/volumes/models/persistentVolumeClaim/claimName"));
        Assert.Equal("/weights", manifests.One("StatefulSet", "demo-winnow-silo").Text("spec/template/spec/containers/silo/volumeMounts/models/mountPath"));
    }
}
