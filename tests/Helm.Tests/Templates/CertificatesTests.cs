using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/certificates.yaml, and where certificates are read.</summary>
public sealed class CertificatesTests
{
    [HelmTheory]
    [InlineData("none")]
    [InlineData("secrets")]
    public void Certificates_OfNoCertManager_AreNotMade(string mode)
    {
        Manifests manifests = Chart.With($"tls: {{mode: {mode}, secrets: {{gateway: a, silo: b, worker: c}}}}");

        Assert.Empty(manifests.Of("Certificate"));
        Assert.Empty(manifests.Of("Issuer"));
        Assert.Equal(mode == "secrets" ? "c" : null, manifests.One("StatefulSet", "demo-winnow-worker-default").Find("spec/template/spec/volumes/tls/secret/secretName")?.GetValue<string>());
    }

    [HelmFact]
    public void Certificates_OfCertManager_AreOneForEachRoleWithTheClustersName()
    {
        Manifests manifests = Chart.Preset("values-ha");

        foreach (string role in new[] { "gateway", "silo", "worker" })
        {
            JsonObject sut = manifests.One("Certificate", $"demo-winnow-{role}");
            Assert.Equal("winnow.cluster", sut.Text("spec/dnsNames/0"));
            Assert.Equal("""["digital signature","server auth","client auth"]""", sut.Json("spec/usages"));
            Assert.Equal("demo-winnow-ca", sut.Text("spec/issuerRef/name"));
            Assert.Equal($"demo-winnow-{role}-tls", sut.Text("spec/secretName"));
        }
        Assert.True(manifests.One("Certificate", "demo-winnow-ca").Flag("spec/isCA"));
        Assert.Equal("demo-winnow-worker-tls", manifests.One("StatefulSet", "demo-winnow-worker-draft").Text("spec/template/spec/volumes/tls/secret/secretName"));
    }

    [HelmFact]
    public void Issuer_ThatIsGiven_SignsAndNoAuthorityIsMade()
    {
        Manifests manifests = Chart.With("tls: {mode: certManager, peerName: a.cluster, certManager: {issuerRef: {name: corporate, kind: ClusterIssuer}}}");

        Assert.Empty(manifests.Of("Issuer"));
        Assert.Equal(3, manifests.Of("Certificate").Count);
        Assert.All(manifests.Of("Certificate"), certificate => Assert.Equal("""{"group":"cert-manager.io","kind":"ClusterIssuer","name":"corporate"}""", certificate.Json("spec/issuerRef")));
        Assert.Equal("a.cluster", Chart.Settings(manifests, "demo-winnow-silo").Text("Tls/PeerName"));
    }
}
