using System.Reflection;
using Winnow.Fetching;
using Winnow.Gateway;
using Winnow.GpuWorker;
using Winnow.Hosting;
using Winnow.Silo;
using Winnow.Tests.Common;

namespace Winnow.Helm.Tests.Support;

/// <summary>A metric of Winnow.</summary>
/// <param name="Type"><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</param>
/// <param name="Labels">Names of its labels.</param>
internal sealed record Metric(string Type, string[] Labels);

/// <summary>Series that dashboards and rules may ask for.</summary>
internal static class MetricNames
{
    /// <summary>Series of others: of Prometheus, of prometheus-net in every process, of kubelets (cAdvisor) and of kube-state-metrics.</summary>
    public static readonly string[] OfOthers =
    [
        "up",
        "process_working_set_bytes", "dotnet_total_memory_bytes",
        "container_cpu_usage_seconds_total", "container_cpu_cfs_periods_total", "container_cpu_cfs_throttled_periods_total", "container_memory_working_set_bytes",
        "container_network_receive_bytes_total", "container_network_transmit_bytes_total", "kubelet_volume_stats_used_bytes", "kubelet_volume_stats_capacity_bytes",
        "kube_pod_status_ready", "kube_pod_container_resource_requests", "kube_pod_container_resource_limits", "kube_pod_container_status_restarts_total",
        "kube_pod_container_status_last_terminated_reason", "kube_pod_spec_volumes_persistentvolumeclaims_info",
    ];

    /// <summary>Labels that every scraped series has by the chart's monitors.</summary>
    public static readonly string[] OfTargets = ["namespace", "pod", "role"];

    private static readonly string[] HistogramEndings = ["_bucket", "_sum", "_count"];

    /// <summary>Metrics by name: the constants, with their types and labels as docs/metrics.md has them from the constants' comments.</summary>
    public static IReadOnlyDictionary<string, Metric> OfWinnow { get; } = Read();

    /// <summary>The metric that a series belongs to, or null: a histogram's series have endings of their own.</summary>
    public static Metric? Find(string series)
    {
        if (OfWinnow.TryGetValue(series, out Metric? metric))
        {
            return metric.Type == "histogram" ? null : metric;
        }
        string? found = HistogramEndings.SingleOrDefault(ending => series.EndsWith(ending, StringComparison.Ordinal));
        return found is not null && OfWinnow.TryGetValue(series[..^found.Length], out Metric? histogram) && histogram.Type == "histogram" ? histogram : null;
    }

    private static Dictionary<string, Metric> Read()
    {
        Dictionary<string, Metric> rows = File.ReadAllLines(Path.Combine(SharedFolder.RepositoryRoot, "docs", "metrics.md"))
            .Where(line => line.StartsWith("| `winnow_", StringComparison.Ordinal)).Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(cells => cells[1].Trim('`'), cells => new Metric(cells[2], [.. cells[3].Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(label => label.Trim('`'))]));
        return new[] { typeof(GatewayMetrics), typeof(WorkerMetricNames), typeof(SiloMetricNames), typeof(FetchMetricNames), typeof(HostingMetricNames) }
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static)).Select(field => (string)field.GetRawConstantValue()!)
            .ToDictionary(name => name, name => rows[name]);
    }
}
