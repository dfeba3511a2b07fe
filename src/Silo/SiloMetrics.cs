using System.Runtime.CompilerServices;
using Prometheus;

namespace Winnow.Silo;

/// <summary>The silo's metrics, in the process's default registry.</summary>
internal static class SiloMetrics
{
    internal static readonly Gauge Workers = Metrics.CreateGauge(SiloMetricNames.Workers, "Known workers by health.", "health");

    internal static readonly Counter Registrations = Metrics.CreateCounter(SiloMetricNames.Registrations, "Registrations of workers taken.");

    internal static readonly Counter Beats = Metrics.CreateCounter(SiloMetricNames.Beats, "Beats of workers taken.");

    internal static readonly Counter WorkersLost = Metrics.CreateCounter(SiloMetricNames.WorkersLost, "Workers lost without notice.");

    internal static readonly Counter Placements = Metrics.CreateCounter(SiloMetricNames.Placements, "Placements made.", "model");

    internal static readonly Counter PlacementFailures = Metrics.CreateCounter(SiloMetricNames.PlacementFailures, "Placements that failed.", "model");

    internal static readonly Histogram PlacementSeconds = Metrics.CreateHistogram(
        SiloMetricNames.PlacementSeconds, "Time from a plan until every shard is ready.",
        new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.05, 2, 16) });

    internal static readonly Gauge ModelReady = Metrics.CreateGauge(SiloMetricNames.ModelReady, "1 while a replica is ready.", "model", "replica");

    internal static readonly Gauge ModelEpoch = Metrics.CreateGauge(SiloMetricNames.ModelEpoch, "Fencing epoch of a replica.", "model", "replica");

    internal static readonly Counter StateWrites = Metrics.CreateCounter(SiloMetricNames.StateWrites, "Records written to disk.", "state");

    internal static readonly Counter StateBytes = Metrics.CreateCounter(SiloMetricNames.StateBytes, "Bytes of records written to disk.", "state");

    internal static readonly Counter SessionsExpired = Metrics.CreateCounter(
        SiloMetricNames.SessionsExpired, "Sessions removed since their time to live was over.");

    internal static readonly Histogram StateWriteSeconds = Metrics.CreateHistogram(
        SiloMetricNames.StateWriteSeconds, "Time to make a record durable.",
        new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.0005, 2, 14) });

    /// <summary>Publishes every metric from the start on, not from its first event on.</summary>
    internal static void Publish() => RuntimeHelpers.RunClassConstructor(typeof(SiloMetrics).TypeHandle);
}
