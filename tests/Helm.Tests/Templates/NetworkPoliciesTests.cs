using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/networkpolicies.yaml: default deny, and the arrows of docs/architecture.md.</summary>
public sealed class NetworkPoliciesTests
{
    private static readonly string[] Arrows =
    [
        "gateway -> gateway:8090", "gateway -> silo:30000", "gateway -> worker:7020",
        "silo -> gateway:8090", "silo -> silo:11111", "silo -> worker:7020",
        "test -> gateway:8080",
        "worker -> silo:7010", "worker -> worker:7020",
    ];

    [HelmFact]
    public void Policies_Off_AreNotMade() => Assert.Empty(Chart.With("networkPolicy: {enabled: false}").Of("NetworkPolicy"));

    [HelmFact]
    public void Deny_OfTheRelease_CoversEveryPodBothWays()
    {
        JsonObject sut = Chart.Preset("values").One("NetworkPolicy", "demo-winnow-deny");

        Assert.Equal("""{"app.kubernetes.io/name":"winnow","app.kubernetes.io/instance":"demo-winnow"}""", sut.Json("spec/podSelector/matchLabels"));
        Assert.Equal("""["Ingress","Egress"]""", sut.Json("spec/policyTypes"));
        Assert.Null(sut.Find("spec/ingress"));
        Assert.Null(sut.Find("spec/egress"));
    }

    [HelmTheory]
    [InlineData("ingress")]
    [InlineData("egress")]
    public void Arrows_OfBothEnds_AreThoseOfTheDesign(string direction)
    {
        Assert.Equal(Arrows, ArrowsOf(Chart.Preset("values"), direction));
    }

    [HelmTheory]
    [InlineData("ingress")]
    [InlineData("egress")]
    public void ModelStore_WhenEnabled_AddsItsArrows(string direction)
    {
        IEnumerable<string> added = ArrowsOf(Chart.With(Chart.Everything), direction).Except(Arrows);

        Assert.Equal(["gateway -> gateway:8080", "silo -> gateway:8080", "worker -> gateway:8080"], added);
    }

    [HelmFact]
    public void Api_WithoutPeers_IsOpenToEverybodyAndWithPeersToThem()
    {
        Assert.Contains(Rules(Chart.Preset("values"), "gateway", "ingress"), rule => rule.Find("from") is null && rule.Int("ports/0/port") == 8080);
        Assert.DoesNotContain(Rules(Chart.With(Chart.Everything), "gateway", "ingress"), rule => rule.Find("from") is null);
        Assert.Contains(Rules(Chart.With(Chart.Everything), "gateway", "ingress"),
            rule => rule.Find("from/0/namespaceSelector/matchLabels/kubernetes.io~metadata.name")?.GetValue<string>() == "ingress");
    }

    [HelmTheory]
    [InlineData("gateway", 8080)]
    [InlineData("silo", 7011)]
    [InlineData("worker", 7021)]
    public void Metrics_OfEveryRole_AreReadFromTheMonitoringNamespace(string role, int port)
    {
        Assert.Contains(Rules(Chart.Preset("values"), role, "ingress"),
            rule => rule.Find("from/0/namespaceSelector/matchLabels/kubernetes.io~metadata.name")?.GetValue<string>() == "monitoring" && rule.Int("ports/0/port") == port);
    }

    [HelmTheory]
    [InlineData("values", "gateway", false, false)]
    [InlineData("values-laptop", "worker", true, false)]
    [InlineData("values-ha", "gateway", true, true)]
    [InlineData("values-ha", "silo", true, true)]
    [InlineData("values-ha", "worker", true, false)]
    public void Outside_OfTheRelease_IsReachedOnlyWhereItIsNeeded(string preset, string role, bool modelServers, bool database)
    {
        int[] ports = [.. Rules(Chart.Preset(preset), role, "egress").Where(rule => rule.Find("to/0/podSelector") is null).Select(rule => rule.Int("ports/0/port"))];

        Assert.Equal(modelServers, ports.Contains(443));
        Assert.Equal(database, ports.Contains(5432));
    }

    [HelmFact]
    public void Dns_OfEveryRole_IsAllowed()
    {
        Assert.All(new[] { "gateway", "silo", "worker", "test" }, role => Assert.Equal("kube-dns", Rules(Chart.Preset("values"), role, "egress")[0].Text("to/0/podSelector/matchLabels/k8s-app")));
    }

    [HelmFact]
    public void ExtraEgress_OfValues_IsOfEveryProcess()
    {
        Assert.All(new[] { "gateway", "silo", "worker" },
            role => Assert.Contains(Rules(Chart.With(Chart.Everything), role, "egress"), rule => rule.Find("to/0/ipBlock/cidr")?.GetValue<string>() == "10.9.0.0/16"));
    }

    private static IReadOnlyList<JsonNode> Rules(Manifests manifests, string role, string direction)
        => [.. (manifests.One("NetworkPolicy", $"demo-winnow-{role}").Find($"spec/{direction}")?.AsArray() ?? []).Select(rule => rule!)];

    // What one end allows: from its own policy, with peers of the release.
    private static IEnumerable<string> ArrowsOf(Manifests manifests, string direction)
    {
        string peers = direction == "ingress" ? "from" : "to";
        return new[] { "gateway", "silo", "worker", "test" }
            .SelectMany(role => Rules(manifests, role, direction).Select(rule => (role, Rule: rule, Peer: rule.Find($"{peers}/0/podSelector/matchLabels/app.kubernetes.io~component")?.GetValue<string>())))
            .Where(rule => rule.Peer is not null)
            .Select(rule => direction == "ingress" ? $"{rule.Peer} -> {rule.role}:{rule.Rule.Int("ports/0/port")}" : $"{rule.role} -> {rule.Peer}:{rule.Rule.Int("ports/0/port")}")
            .Order(StringComparer.Ordinal);
    }
}
