using System.Text;
using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Helm.Tests;

/// <summary>What must hold of every rendering: of the presets, and with everything turned on.</summary>
public sealed class PresetTests
{
    public static TheoryData<string> Presets => [.. Chart.Presets];

    [HelmTheory]
    [MemberData(nameof(Presets))]
    public void Lint_Strict_FindsNothing(string preset)
    {
        (int exitCode, string output, string errors) = NodePackages.Helm("lint", "--strict", Chart.Folder, "-f", Path.Combine(Chart.Folder, $"{preset}.yaml"));

        Assert.True(exitCode == 0, output + errors);
    }

    [HelmFact]
    public void Manifests_OfEveryRendering_FitTheKubernetesModels()
    {
        using var folder = new TemporaryFolder();
        string[] files = [.. Renderings().Select((rendering, index) => folder.Write($"{index}.yaml", Encoding.UTF8.GetBytes(rendering)))];

        (int exitCode, string output, string errors) = NodePackages.Script(["check.mjs", .. files]);

        Assert.True(exitCode == 0, errors);
        Assert.Equal($"checked {Renderings().Sum(rendering => new Manifests(rendering).All.Count)}\n", output);
    }

    [HelmFact]
    public void Check_OfWrongManifests_NamesEachMistake()
    {
        (_, string output, _) = NodePackages.Script("check.mjs", "bad.yaml");

        Assert.Equal(
            """
            Deployment 'wrong': data/spec/replicas must be integer
            Deployment 'wrong': .spec.template.spec.containers[0].lifecycle.preStop.sleep.minutes does not exist
            ScaledObject 'wrong': .spec.triggers[0].treshold does not exist
            Foo 'wrong': kind 'Foo' does not exist in 'v1'
            checked 3

            """, output);
    }

    [HelmFact]
    public void Pods_OfEveryRendering_MeetTheRestrictedSecurityStandard()
    {
        foreach ((string name, JsonNode pod) in Renderings().SelectMany(rendering => new Manifests(rendering).Pods))
        {
            Assert.True(pod.Flag("securityContext/runAsNonRoot"), name);
            Assert.Equal("RuntimeDefault", pod.Text("securityContext/seccompProfile/type"));
            Assert.False(pod.Flag("automountServiceAccountToken"), name);
            Assert.All(pod.At("containers").AsArray(), container =>
            {
                Assert.True(container!.Flag("securityContext/readOnlyRootFilesystem"), name);
                Assert.False(container!.Flag("securityContext/allowPrivilegeEscalation"), name);
                Assert.Equal("""["ALL"]""", container!.Json("securityContext/capabilities/drop"));
            });
            // The standard knows no other kinds of volumes; a path of the node is among the forbidden ones.
            Assert.All(pod.Find("volumes")?.AsArray() ?? [], volume =>
                Assert.Contains(volume!.AsObject().Select(part => part.Key).Single(key => key != "name"), (string[])["configMap", "emptyDir", "secret", "persistentVolumeClaim"]));
        }
    }

    [HelmFact]
    public void Pods_OfEveryRole_HaveProbesOfTheirHealth()
    {
        foreach ((string name, JsonNode pod) in Chart.With(Chart.Everything).Pods.Where(pod => pod.Name != "demo-winnow-test"))
        {
            JsonNode container = pod.At("containers/0");
            Assert.Equal(("/health/live", "http"), (container.Text("startupProbe/httpGet/path"), container.Text("startupProbe/httpGet/port")));
            Assert.Equal("/health/live", container.Text("livenessProbe/httpGet/path"));
            Assert.Equal("/health/ready", container.Text("readinessProbe/httpGet/path"));
            Assert.Equal(180, container.Int("startupProbe/periodSeconds") * container.Int("startupProbe/failureThreshold"));
            Assert.True(container.Find("ports/http") is not null, name);
        }
    }

    [HelmFact]
    public void Selectors_OfEveryObject_HaveNothingThatChangesWithTheChart()
    {
        foreach (JsonObject manifest in Chart.With(Chart.Everything).All.Where(manifest => manifest.Find("spec/selector/matchLabels") is not null))
        {
            Assert.All(manifest.At("spec/selector/matchLabels").AsObject().Select(label => label.Key),
                label => Assert.Contains(label, (string[])["app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component", "winnow-pool"]));
        }
    }

    [HelmFact]
    public void Names_OfALongRelease_LeaveRoomForLabels()
    {
        Manifests manifests = Chart.With("{fullnameOverride: a-very-long-name-of-a-release-of-someone, workerPools: [{name: a-long-pool1}]}");

        // A StatefulSet's pods are labelled with its name and a revision of 11 characters.
        Assert.All(manifests.All, manifest => Assert.InRange(manifest.Text("metadata/name").Length, 1, manifest.Text("kind") == "StatefulSet" ? 52 : 63));
        Assert.Contains(manifests.Names("StatefulSet"), name => name.Length == 52);
    }

    [HelmFact]
    public void Objects_OfEveryRendering_AreInTheReleasesNamespaceAndNamedOnce()
    {
        foreach (string rendering in Renderings())
        {
            Manifests manifests = new(rendering);
            Assert.All(manifests.All, manifest => Assert.Equal("ns", manifest.Text("metadata/namespace")));
            Assert.Equal(manifests.All.Count, manifests.All.Select(manifest => (manifest.Text("kind"), manifest.Text("metadata/name"))).Distinct().Count());
        }
    }

    [HelmFact]
    public void LabelsAndAnnotations_OfValues_AreOnEveryObject()
    {
        Assert.All(Chart.With(Chart.Everything).All, manifest =>
        {
            Assert.Equal("serving", manifest.Text("metadata/labels/team"));
            Assert.Equal("platform", manifest.Text("metadata/annotations/owner"));
            Assert.Equal("demo-winnow", manifest.Text("metadata/labels/app.kubernetes.io~instance"));
        });
    }

    private static IEnumerable<string> Renderings() => Chart.Presets.Select(preset => Chart.Text(preset, "")).Append(Chart.Text("values", Chart.Everything));
}
