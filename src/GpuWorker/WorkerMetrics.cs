using System.Runtime.CompilerServices;
using Prometheus;
using Winnow.Inference.Drafting;

namespace Winnow.GpuWorker;

/// <summary>The worker's metrics, in the process's default registry.</summary>
internal static class WorkerMetrics
{
    private const double ShortestSeconds = 0.0001;
    private const int SecondsBuckets = 18;

    internal static readonly Counter Steps = Metrics.CreateCounter(WorkerMetricNames.Steps, "Steps run on the device.");

    internal static readonly Counter StepFailures = Metrics.CreateCounter(WorkerMetricNames.StepFailures, "Steps that failed.", "type");

    internal static readonly Counter Rows = Metrics.CreateCounter(WorkerMetricNames.Rows, "Rows run on the device.");

    internal static readonly Histogram StepSeconds = Metrics.CreateHistogram(WorkerMetricNames.StepSeconds, "Time of a step on the device.", Seconds());

    internal static readonly Histogram StepRows = Metrics.CreateHistogram(
        WorkerMetricNames.StepRows, "Rows of a step.", new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(1, 2, 14) });

    internal static readonly Gauge OpenSequences = Metrics.CreateGauge(
        WorkerMetricNames.OpenSequences, "Sequences open on the shard that ran last.");

    internal static readonly Counter HandedOnBytes = Metrics.CreateCounter(
        WorkerMetricNames.HandedOnBytes, "Bytes of hidden states handed to the next shard.");

    internal static readonly Counter HostBytes = Metrics.CreateCounter(
        WorkerMetricNames.HostBytes, "Bytes that devices sent to the host in steps: what was drawn, hidden states for the next shard, rows that are drawn at the host.");

    internal static readonly Histogram LoadSeconds = Metrics.CreateHistogram(
        WorkerMetricNames.LoadSeconds, "Time to load a shard or a draft model.",
        new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.01, 2, 16) });

    internal static readonly Counter LoadFailures = Metrics.CreateCounter(WorkerMetricNames.LoadFailures, "Loads refused or failed.", "type");

    internal static readonly Gauge MemoryBytes = Metrics.CreateGauge(WorkerMetricNames.MemoryBytes, "Memory budget.");

    internal static readonly Gauge MemoryUsedBytes = Metrics.CreateGauge(WorkerMetricNames.MemoryUsedBytes, "Memory reserved by what is loaded.");

    internal static readonly Gauge KvBlocks = Metrics.CreateGauge(WorkerMetricNames.KvBlocks, "KV blocks of all loaded shards.");

    internal static readonly Counter DraftRounds = Metrics.CreateCounter(WorkerMetricNames.DraftRounds, "Draft rounds answered.");

    internal static readonly Counter DraftTokens = Metrics.CreateCounter(WorkerMetricNames.DraftTokens, "Draft tokens proposed.");

    private static readonly Counter DraftStops = Metrics.CreateCounter(
        WorkerMetricNames.DraftStops, "Drafts proposed, by why they are no longer.", "reason");

    private static readonly Counter.Child[] DraftStopsBy =
        [DraftStops.WithLabels("limit"), DraftStops.WithLabels("table"), DraftStops.WithLabels("stop_head")];

    internal static readonly Histogram DraftSeconds = Metrics.CreateHistogram(
        WorkerMetricNames.DraftSeconds, "Time of a draft round on the device.", Seconds());

    internal static readonly Counter DraftBranches = Metrics.CreateCounter(WorkerMetricNames.DraftBranches, "Branches drafted ahead and pushed.");

    internal static readonly Gauge Registered = Metrics.CreateGauge(WorkerMetricNames.Registered, "1 while the silo knows this worker.");

    /// <summary>A draft ended.</summary>
    internal static void DraftStopped(DraftStop reason) => DraftStopsBy[(int)reason].Inc();

    /// <summary>Publishes every metric from the start on, not from its first event on.</summary>
    internal static void Publish() => RuntimeHelpers.RunClassConstructor(typeof(WorkerMetrics).TypeHandle);

    private static HistogramConfiguration Seconds() =>
        new() { Buckets = Histogram.ExponentialBuckets(ShortestSeconds, 2, SecondsBuckets) };
}
