using System.Runtime.CompilerServices;
using Prometheus;

namespace Winnow.Fetching;

/// <summary>Metrics of fetched models, in the process's default registry.</summary>
internal static class FetchMetrics
{
    internal static readonly Counter FetchedBytes = Metrics.CreateCounter(FetchMetricNames.FetchedBytes, "Bytes of models received from servers.");

    internal static readonly Counter CacheHitBytes = Metrics.CreateCounter(FetchMetricNames.CacheHitBytes, "Bytes of models that were needed and in the cache.");

    internal static readonly Counter CacheDamagedBytes = Metrics.CreateCounter(
        FetchMetricNames.CacheDamagedBytes, "Bytes of chunks in the cache that did not have their checksum.");

    internal static readonly Gauge CacheBytes = Metrics.CreateGauge(FetchMetricNames.CacheBytes, "Bytes of models in the cache, as last counted.");

    internal static readonly Counter CacheEvictions = Metrics.CreateCounter(FetchMetricNames.CacheEvictions, "Models removed from the cache to make room.");

    internal static readonly Counter FetchRetries = Metrics.CreateCounter(FetchMetricNames.FetchRetries, "Requests for models tried again.");

    internal static readonly Counter FetchHedges = Metrics.CreateCounter(FetchMetricNames.FetchHedges, "Requests for models that a second mirror was asked for too.");

    internal static readonly Counter FetchFailures = Metrics.CreateCounter(FetchMetricNames.FetchFailures, "Requests for models that failed.", "server");

    internal static readonly Gauge BreakerOpen = Metrics.CreateGauge(FetchMetricNames.BreakerOpen, "1 while a server of models is left alone.", "server");

    /// <summary>Publishes every metric from the start on, not from its first event on.</summary>
    internal static void Publish() => RuntimeHelpers.RunClassConstructor(typeof(FetchMetrics).TypeHandle);
}
