using System.Text.Json.Nodes;
using Winnow.Helm.Tests.Support;

namespace Winnow.Helm.Tests.Templates;

/// <summary>templates/prometheusrules.yaml: one object for each file in rules/.</summary>
public sealed class PrometheusRulesTests
{
    [HelmFact]
    public void Rules_Off_AreNotMade() => Assert.Empty(Chart.Preset("values").Of("PrometheusRule"));

    [HelmFact]
    public void Rules_On_AreThoseOfTheFiles()
    {
        IReadOnlyList<JsonObject> rules = Chart.With(Chart.Everything).Of("PrometheusRule");

        Assert.Equal(ChartFiles.Names("rules", "*.yaml").Select(name => $"demo-winnow-{name}").Order(), rules.Select(rule => rule.Text("metadata/name")).Order());
        Assert.All(rules, rule =>
        {
            Assert.Equal("prometheus", rule.Text("metadata/labels/release"));
            Assert.NotEmpty(rule.At("spec/groups").AsArray());
        });
    }

    [HelmFact]
    public void Runbooks_AreWhereValuesSay()
    {
        JsonObject sut = Chart.With("monitoring: {prometheusRules: {enabled: true, runbooks: 'https://wiki.example.com/winnow/'}}").One("PrometheusRule", "demo-winnow-alerts");

        Assert.Equal("https://wiki.example.com/winnow/WinnowModelNotReady.md", sut.Text("spec/groups/0/rules/0/annotations/runbook_url"));
    }

    [HelmFact]
    public void Rules_OfAFile_KeepTheirOwnTemplates()
    {
        const string Rules = "groups: [{name: a, rules: [{alert: Down, expr: up == 0, annotations: {summary: '{{ $labels.pod }} is down'}}]}]";
        using ChartCopy copy = new ChartCopy().With("rules/a.yaml", Rules).With("on.yaml", "monitoring: {prometheusRules: {enabled: true}}");

        JsonObject sut = copy.Render("on.yaml").One("PrometheusRule", "demo-winnow-a");

        Assert.Equal("{{ $labels.pod }} is down", sut.Text("spec/groups/0/rules/0/annotations/summary"));
    }
}
