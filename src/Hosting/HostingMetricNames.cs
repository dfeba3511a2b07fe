namespace Winnow.Hosting;

/// <summary>Names of the metrics that every role may have; docs/metrics.md lists them.</summary>
public static class HostingMetricNames
{
    /// <summary>Calls between processes tried again, by <c>call</c>.</summary>
    public const string CallRetries = "winnow_call_retries_total";

    /// <summary>Calls between processes that were not answered in time, by <c>call</c>.</summary>
    public const string CallTimeouts = "winnow_call_timeouts_total";

    /// <summary>1 while calls are refused at once, since those before were not answered, by <c>call</c>.</summary>
    public const string CallBreakerOpen = "winnow_call_breaker_open";

    /// <summary>When the process's TLS certificate ends, in seconds since 1970.</summary>
    public const string CertificateExpiry = "winnow_tls_certificate_expiry_timestamp_seconds";
}
