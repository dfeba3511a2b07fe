using System.Text;
using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/secret.yaml: what nobody gave.</summary>
public sealed class SecretTests
{
    [HelmFact]
    public void Secret_WhenAllAreGiven_IsNotMade()
    {
        Assert.Empty(Chart.Preset("values-ha").Of("Secret"));
    }

    [HelmFact]
    public void Secret_WhenNoneIsGiven_HasATokenAndAKey()
    {
        JsonObject secret = Chart.Preset("values").One("Secret", "demo-winnow-generated");

        Assert.Equal(48, Decoded(secret.Text("data/cluster-token")).Length);
        Assert.Equal(48, Decoded(secret.Text("data/api-key")).Length);
        Assert.NotEqual(secret.Text("data/cluster-token"), secret.Text("data/api-key"));
    }

    [HelmFact]
    public void Secret_WhenEverybodyMayCall_HasNoKey()
    {
        Manifests manifests = Chart.With("apiKeys: {anonymous: true}");

        Assert.Null(manifests.One("Secret", "demo-winnow-generated").Find("data/api-key"));
        Assert.True(Chart.Settings(manifests, "demo-winnow-gateway").Flag("Gateway/Insecure"));
        Assert.Null(manifests.One("Deployment", "demo-winnow-gateway").Find("spec/template/spec/containers/gateway/env/WINNOW_Gateway__AdminKeys__0"));
    }

    [HelmFact]
    public void Token_OfEveryRole_IsTheSame()
    {
        Manifests manifests = Chart.Preset("values-ha");

        foreach ((string role, string kind, string name) in new[] { ("Replica", "Deployment", "gateway"), ("Silo", "StatefulSet", "silo"), ("Worker", "StatefulSet", "worker-draft") })
        {
            JsonNode token = manifests.One(kind, $"demo-winnow-{name}").At($"spec/template/spec/containers/0/env/WINNOW_{role}__ClusterToken");
            Assert.Equal("""{"name":"winnow-cluster-token","key":"token"}""", token.Json("valueFrom/secretKeyRef"));
        }
    }

    private static string Decoded(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));
}
