using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Winnow.Helm.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Helm.Tests;

/// <summary>rules/*.yaml: alerts, their pages in docs/runbooks, and what promtool says to them.</summary>
public sealed class AlertTests
{
    private const string Cases = "tests/Helm.Tests/promtool/alerts.test.yaml";
    private static readonly string[] Severities = ["critical", "warning", "info"];
    private static readonly string[] Names = [.. Monitoring.Alerts.Select(alert => alert.Text("alert"))];

    [Fact]
    public void Alerts_SayWhatHappenedAndWhatToDo()
    {
        Assert.NotEmpty(Monitoring.Alerts);
        foreach (JsonNode alert in Monitoring.Alerts)
        {
            Assert.Contains(alert.Text("labels/severity"), Severities);
            Assert.EndsWith(".", alert.Text("annotations/summary"), StringComparison.Ordinal);
            Assert.EndsWith(".", alert.Text("annotations/description"), StringComparison.Ordinal);
            Assert.Equal($"docs/runbooks/{alert.Text("alert")}.md", alert.Text("annotations/runbook_url"));
        }
        Assert.Equal(Names.Length, Names.Distinct().Count());
    }

    [Fact]
    public void Runbooks_AreOnePageForEachAlert()
    {
        string folder = Path.Combine(SharedFolder.RepositoryRoot, "docs", "runbooks");

        Assert.Equal(Names.Order(), Directory.EnumerateFiles(folder).Select(Path.GetFileNameWithoutExtension).Order());
        Assert.All(Names, name =>
        {
            string page = File.ReadAllText(Path.Combine(folder, $"{name}.md"));
            Assert.StartsWith($"# {name}\n", page, StringComparison.Ordinal);
            Assert.Contains("\n## What to look at\n", page, StringComparison.Ordinal);
            Assert.Contains("\n## What to do\n", page, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Alerts_HaveCasesForPromtool()
    {
        string cases = File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, Cases));

        Assert.All(Names, name => Assert.Matches($@"\b{Regex.Escape(name)}\b", cases));
    }

    [PromtoolFact]
    public void Rules_OfTheFiles_AreRules()
    {
        (int exitCode, string output) = Promtool.Run(["check", "rules", .. ChartFiles.Names("rules", "*.yaml").Select(name => $"helm/winnow/rules/{name}.yaml")]);

        Assert.True(exitCode == 0, output);
    }

    [PromtoolFact]
    public void Alerts_FireWhenTheyShould()
    {
        (int exitCode, string output) = Promtool.Run("test", "rules", Cases);

        Assert.True(exitCode == 0, output);
    }
}
