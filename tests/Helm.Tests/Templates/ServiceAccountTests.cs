using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/serviceaccount.yaml: accounts without rights.</summary>
public sealed class ServiceAccountTests
{
    [HelmFact]
    public void Accounts_OfEveryComponent_AreMadeWithoutATokenAndWithoutRoles()
    {
        Manifests manifests = Chart.Preset("values");

        Assert.Equal(["demo-winnow-gateway", "demo-winnow-silo", "demo-winnow-worker-default"], manifests.Names("ServiceAccount").Order());
        Assert.All(manifests.Of("ServiceAccount"), account => Assert.False(account.Flag("automountServiceAccountToken")));
        Assert.DoesNotContain(manifests.All, manifest => manifest.Text("kind").Contains("Role", StringComparison.Ordinal));
    }

    [HelmFact]
    public void Account_ThatIsGiven_IsUsedAndNotMade()
    {
        Manifests manifests = Chart.With("silo: {serviceAccount: {create: false, name: mine}}");

        Assert.DoesNotContain("demo-winnow-silo", manifests.Names("ServiceAccount"));
        Assert.Equal("mine", manifests.One("StatefulSet", "demo-winnow-silo").Text("spec/template/spec/serviceAccountName"));
    }

    [HelmFact]
    public void Annotations_OfAnAccount_AreRendered()
    {
        Manifests manifests = Chart.With("worker: {serviceAccount: {annotations: {cloud/role: reader}}}");

        Assert.Equal("reader", manifests.One("ServiceAccount", "demo-winnow-worker-default").Text("metadata/annotations/cloud~role"));
    }
}
