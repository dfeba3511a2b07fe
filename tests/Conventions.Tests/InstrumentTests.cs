using System.Reflection;
using Prometheus;
using Winnow.Fetching;
using Winnow.Gateway;
using Winnow.GpuWorker;
using Winnow.Hosting;
using Winnow.Silo;
using Winnow.Tests.Common;

namespace Winnow.Conventions.Tests;

/// <summary>docs/metrics.md, and with it the constants' comments, have the types and labels that the instruments have.</summary>
public sealed class InstrumentTests
{
    private const BindingFlags Fields = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    [Fact]
    public void Metrics_OfThePage_AreTheInstruments()
    {
        string[] rows = [.. File.ReadAllLines(Path.Combine(SharedFolder.RepositoryRoot, "docs", "metrics.md")).Where(line => line.StartsWith("| `winnow_", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)).Select(cells => $"{cells[1]} {cells[2]} {cells[3]}".TrimEnd())];
        string[] instruments = [.. new[] { typeof(GatewayOptions), typeof(WorkerOptions), typeof(SiloOptions), typeof(FetchMetricNames), typeof(HostingMetricNames) }
            .SelectMany(type => type.Assembly.GetTypes()).SelectMany(Instruments).Select(Row).Distinct()];

        Assert.Equal(instruments.Order(), rows.Order());
    }

    private static string Row(Collector collector) =>
        $"`{collector.Name}` {collector.GetType().Name.ToLowerInvariant()} {string.Join(", ", collector.LabelNames.Select(label => $"`{label}`"))}".TrimEnd();

    /// <summary>Instruments that a type holds; those of an object are made with one, which takes nothing to make.</summary>
    private static IEnumerable<Collector> Instruments(Type type)
    {
        FieldInfo[] fields = [.. type.GetFields(Fields).Where(field => typeof(Collector).IsAssignableFrom(field.FieldType))];
        object? owner = fields.Any(field => !field.IsStatic) ? Activator.CreateInstance(type, nonPublic: true) : null;
        return fields.Select(field => field.GetValue(owner)).OfType<Collector>();
    }
}
