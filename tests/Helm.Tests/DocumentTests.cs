using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Winnow.Helm.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Helm.Tests;

/// <summary>docs/deploy-kubernetes.md and the chart's README: their helm commands and values are rendered, and what they name exists.</summary>
public sealed partial class DocumentTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "docs", "deploy-kubernetes.md"));

    public static TheoryData<string> Commands => [.. HelmCommand().Matches(Page + Chart.Read("README.md")).Select(match => match.Value.Trim()).Distinct()];

    public static TheoryData<string> Values => [.. YamlBlock().Matches(Page).Select(match => match.Groups[1].Value)];

    [HelmTheory]
    [MemberData(nameof(Commands))]
    public void Command_OfADocument_Renders(string command)
    {
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);

        (int exitCode, _, string errors) = NodePackages.Helm(["template", .. words[2..].Where(word => word != "--create-namespace")]);

        Assert.True(exitCode == 0, $"{command}: {errors}");
    }

    [HelmTheory]
    [MemberData(nameof(Values))]
    public void Values_OfADocument_Render(string values)
    {
        Assert.NotEmpty(Chart.With(values).All);
    }

    [Fact]
    public void Documents_HaveCommandsAndValues()
    {
        Assert.True(Commands.Count >= 5);
        Assert.True(Values.Count >= 5);
    }

    [HelmFact]
    public void Secrets_ThatThePageMakes_AreThoseOfThePreset()
    {
        Manifests manifests = Chart.Preset("values-ha");
        IEnumerable<string> referred = manifests.Pods.SelectMany(pod => Strings(pod.Spec)).Where(text => text is "winnow-api-keys" or "winnow-cluster-token" or "winnow-database").Distinct();

        string[] made = [.. CreatedSecret().Matches(Page).Select(match => match.Groups[1].Value).Where(name => !name.Contains('$', StringComparison.Ordinal))];

        Assert.Equal(made.Order(), referred.Order());
        Assert.True(File.Exists(Path.Combine(SharedFolder.RepositoryRoot, "helm", "sql", "postgresql.sql")));
    }

    private static IEnumerable<string> Strings(JsonNode node) => node switch
    {
        JsonObject map => map.Select(pair => pair.Value).OfType<JsonNode>().SelectMany(Strings),
        JsonArray list => list.OfType<JsonNode>().SelectMany(Strings),
        JsonValue value when value.TryGetValue(out string? text) => [text],
        _ => [],
    };

    [GeneratedRegex(@"(?<=^\s*)helm (install|upgrade) .*$", RegexOptions.Multiline)]
    private static partial Regex HelmCommand();

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex YamlBlock();

    [GeneratedRegex(@"create secret generic (\S+)")]
    private static partial Regex CreatedSecret();
}
