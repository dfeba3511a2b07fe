using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/pdb.yaml.</summary>
public sealed class PdbTests
{
    [HelmFact]
    public void Pdb_Off_IsNotMade() => Assert.Empty(Chart.Preset("values-laptop").Of("PodDisruptionBudget"));

    [HelmFact]
    public void Pdbs_OfThePreset_AreOneForEachRoleAndPool()
    {
        Manifests manifests = Chart.Preset("values-ha");

        Assert.Equal(["demo-winnow-gateway", "demo-winnow-silo", "demo-winnow-worker-draft", "demo-winnow-worker-target"], manifests.Names("PodDisruptionBudget").Order());
        Assert.All(manifests.Of("PodDisruptionBudget"), budget => Assert.Equal(1, budget.Int("spec/maxUnavailable")));
        Assert.Equal("draft", manifests.One("PodDisruptionBudget", "demo-winnow-worker-draft").Text("spec/selector/matchLabels/winnow-pool"));
    }

    [HelmFact]
    public void MaxUnavailable_MayBeAShare()
    {
        Assert.Equal("25%", Chart.With("worker: {pdb: {maxUnavailable: 25%}}").One("PodDisruptionBudget", "demo-winnow-worker-default").Text("spec/maxUnavailable"));
    }
}
