using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/silo-statefulset.yaml.</summary>
public sealed class SiloStatefulSetTests
{
    [HelmFact]
    public void Silo_WithoutADatabase_IsOneAndKeepsItsStateInAClaim()
    {
        JsonObject sut = Silo(Chart.Preset("values"));

        Assert.Equal(1, sut.Int("spec/replicas"));
        Assert.Equal("data", sut.Text("spec/volumeClaimTemplates/0/metadata/name"));
        Assert.Equal("8Gi", sut.Text("spec/volumeClaimTemplates/0/spec/resources/requests/storage"));
        Assert.Equal("/var/lib/winnow", sut.Text("spec/template/spec/containers/silo/volumeMounts/data/mountPath"));
        Assert.Null(sut.Find("spec/persistentVolumeClaimRetentionPolicy"));
    }

    [HelmFact]
    public void Silos_WithADatabase_AreSeveralAndHaveNoClaim()
    {
        JsonObject sut = Silo(Chart.Preset("values-ha"));

        Assert.Equal(3, sut.Int("spec/replicas"));
        Assert.Null(sut.Find("spec/volumeClaimTemplates"));
        Assert.Null(sut.Find("spec/template/spec/containers/silo/volumeMounts/data"));
        Assert.Equal("winnow-database", sut.Text("spec/template/spec/volumes/database/secret/secretName"));
    }

    [HelmFact]
    public void Data_ThatIsNotKept_IsInThePod()
    {
        JsonObject sut = Silo(Chart.Preset("values-laptop"));

        Assert.Null(sut.Find("spec/volumeClaimTemplates"));
        Assert.Equal("1Gi", sut.Text("spec/template/spec/volumes/data/emptyDir/sizeLimit"));
    }

    [HelmFact]
    public void OrleansAddress_OfASilo_IsItsPods()
    {
        JsonNode environment = Silo(Chart.Preset("values")).At("spec/template/spec/containers/silo/env");

        Assert.Equal("status.podIP", environment.Text("POD_IP/valueFrom/fieldRef/fieldPath"));
        Assert.Equal("$(POD_IP)", environment.Text("WINNOW_Silo__OrleansAddress/value"));
    }

    [HelmFact]
    public void Names_OfPods_AreThoseThatWorkersDial()
    {
        Assert.Equal("demo-winnow-silo", Silo(Chart.Preset("values-ha")).Text("spec/serviceName"));
    }

    private static JsonObject Silo(Manifests manifests) => manifests.One("StatefulSet", "demo-winnow-silo");
}
