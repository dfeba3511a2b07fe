namespace Winnow.Fetching;

/// <summary>Names of the metrics of fetched models, in every process that reads some; docs/metrics.md lists them.</summary>
public static class FetchMetricNames
{
    /// <summary>Bytes received from servers.</summary>
    public const string FetchedBytes = "winnow_model_fetched_bytes_total";

    /// <summary>Bytes that were needed and in the cache.</summary>
    public const string CacheHitBytes = "winnow_model_cache_hit_bytes_total";

    /// <summary>Bytes of chunks in the cache that did not have their checksum.</summary>
    public const string CacheDamagedBytes = "winnow_model_cache_damaged_bytes_total";

    /// <summary>Bytes in the cache, as last counted.</summary>
    public const string CacheBytes = "winnow_model_cache_bytes";

    /// <summary>Models removed from the cache to make room.</summary>
    public const string CacheEvictions = "winnow_model_cache_evictions_total";

    /// <summary>Requests tried again.</summary>
    public const string FetchRetries = "winnow_model_fetch_retries_total";

    /// <summary>Requests that a second mirror was asked for too.</summary>
    public const string FetchHedges = "winnow_model_fetch_hedges_total";

    /// <summary>Requests that failed.</summary>
    public const string FetchFailures = "winnow_model_fetch_failures_total";

    /// <summary>1 while a server is left alone, otherwise 0.</summary>
    public const string BreakerOpen = "winnow_model_fetch_breaker_open";
}
