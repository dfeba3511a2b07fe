namespace Winnow.Fetching;

/// <summary>Names of the metrics of fetched models, in every process that reads some; docs/metrics.md lists them.</summary>
public static class FetchMetricNames
{
    /// <summary>Counter: bytes of models received from servers.</summary>
    public const string FetchedBytes = "winnow_model_fetched_bytes_total";

    /// <summary>Counter: bytes that were needed and in the cache.</summary>
    public const string CacheHitBytes = "winnow_model_cache_hit_bytes_total";

    /// <summary>Counter: bytes of chunks in the cache that did not have their checksum.</summary>
    public const string CacheDamagedBytes = "winnow_model_cache_damaged_bytes_total";

    /// <summary>Gauge: bytes in the cache, as last counted.</summary>
    public const string CacheBytes = "winnow_model_cache_bytes";

    /// <summary>Counter: models removed from the cache to make room.</summary>
    public const string CacheEvictions = "winnow_model_cache_evictions_total";

    /// <summary>Counter: requests tried again.</summary>
    public const string FetchRetries = "winnow_model_fetch_retries_total";

    /// <summary>Counter: requests that a second mirror was asked for too.</summary>
    public const string FetchHedges = "winnow_model_fetch_hedges_total";

    /// <summary>Counter by <c>server</c>: requests that failed.</summary>
    public const string FetchFailures = "winnow_model_fetch_failures_total";

    /// <summary>Gauge by <c>server</c>: 1 while a server is left alone.</summary>
    public const string BreakerOpen = "winnow_model_fetch_breaker_open";
}
