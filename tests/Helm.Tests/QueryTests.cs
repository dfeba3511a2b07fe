using System.Text;
using Winnow.Helm.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Helm.Tests;

/// <summary>Queries of dashboards and rules ask for series that exist, as what they are.</summary>
public sealed class QueryTests
{
    private static readonly string[] Recorded = [.. Monitoring.Rules.Select(rule => rule.Find("record")?.GetValue<string>()).OfType<string>()];

    [Theory]
    [InlineData("sum by (le, model) (rate(winnow_a_bucket{model=~\"$model\",x=\"b{c}\"}[5m])) > 0 and on (pod) up", "winnow_a_bucket,up")]
    [InlineData("histogram_quantile(0.95, a:b:c) / on (x) group_left () d - time()", "a:b:c,d")]
    [InlineData("clamp_min(1 - rate(a[$__rate_interval]), 0) unless b offset 5m", "a,b")]
    public void Names_OfAQuery_AreItsSeries(string query, string names) => Assert.Equal(names.Split(','), PromQl.Names(query));

    [Fact]
    public void Queries_AskForSeriesThatExist()
    {
        string[] unknown = [.. Monitoring.Queries.SelectMany(query => PromQl.Names(query.Query).Select(name => (query.Where, name)))
            .Where(asked => MetricNames.Find(asked.name) is null && !MetricNames.OfOthers.Contains(asked.name) && !Recorded.Contains(asked.name)).Select(asked => $"{asked.Where}: {asked.name}")];

        Assert.True(unknown.Length == 0, string.Join("\n", unknown));
        Assert.True(Monitoring.Queries.Count() > 100);
    }

    [Fact]
    public void Series_OfOthers_AreAskedFor()
    {
        string[] asked = [.. Monitoring.Queries.SelectMany(query => PromQl.Names(query.Query)).Distinct()];

        Assert.Empty(MetricNames.OfOthers.Except(asked));
    }

    [Fact]
    public void Selectors_NameLabelsThatTheirSeriesHave()
    {
        string[] wrong = [.. Monitoring.Queries.SelectMany(query => PromQl.Selectors(query.Query).Select(selector => (query.Where, selector.Name, selector.Labels, Metric: MetricNames.Find(selector.Name))))
            .Where(asked => asked.Metric is not null)
            .SelectMany(asked => asked.Labels.Except(asked.Metric!.Labels).Except(MetricNames.OfTargets).Where(label => label != "pool" || !asked.Name.StartsWith("winnow_worker_", StringComparison.Ordinal))
                .Select(label => $"{asked.Where}: {asked.Name} has no label '{label}'"))];

        Assert.True(wrong.Length == 0, string.Join("\n", wrong));
    }

    [Fact]
    public void Growth_IsAskedOfWhatOnlyGrows_AndOnlyThat()
    {
        foreach ((string where, string query) in Monitoring.Queries)
        {
            string[] counted = [.. PromQl.Names(query).Where(name => MetricNames.Find(name) is { Type: not "gauge" }).Distinct()];
            string[] grown = [.. PromQl.Grown(query).Where(name => MetricNames.Find(name) is not null).Distinct()];

            Assert.True(counted.Order().SequenceEqual(grown.Order()), $"{where}: {query}");
        }
    }

    [Fact]
    public void Times_AreQuantilesOfBuckets_NotAverages()
    {
        Assert.All(Monitoring.Queries, query =>
        {
            Assert.DoesNotContain("avg", query.Query, StringComparison.Ordinal);
            Assert.DoesNotContain(PromQl.Names(query.Query), name => name.EndsWith("_seconds_count", StringComparison.Ordinal));
            Assert.Equal(query.Query.Contains("_bucket", StringComparison.Ordinal), query.Query.Contains("histogram_quantile", StringComparison.Ordinal));
        });
    }

    [PromtoolFact]
    public void Queries_OfDashboards_ArePromQl()
    {
        IEnumerable<string> rules = Monitoring.Queries.Where(asked => asked.Where.Contains(": ", StringComparison.Ordinal))
            .Select((asked, index) => $"  - {{record: a, labels: {{of: '{asked.Where} {index}'}}, expr: '{WithoutVariables(asked.Query)}'}}\n");
        using var folder = new TemporaryFolder();
        string file = folder.Write("dashboards.yaml", Encoding.UTF8.GetBytes($"groups:\n- name: dashboards\n  rules:\n{string.Concat(rules)}"));

        (int exitCode, string output) = Promtool.Run("check", "rules", file);

        Assert.True(exitCode == 0, output);
    }

    private static string WithoutVariables(string query) => query.Replace("$__rate_interval", "5m", StringComparison.Ordinal).Replace("$", "", StringComparison.Ordinal);
}
