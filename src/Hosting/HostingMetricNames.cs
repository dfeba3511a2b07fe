namespace Winnow.Hosting;

/// <summary>Names of the metrics that every role may have; docs/metrics.md lists them.</summary>
public static class HostingMetricNames
{
    /// <summary>
    /// Counter by <c>call</c>: calls between processes tried again: <c>replica</c> (lease and streams of a coordinator), <c>draft_stream</c>,
    /// <c>registration</c> (worker at a silo), <c>next_shard</c>.
    /// </summary>
    public const string CallRetries = "winnow_call_retries_total";

    /// <summary>Counter by <c>call</c>: those that were not answered in time, and <c>silo</c>: what a gateway asks for a client or an operator.</summary>
    public const string CallTimeouts = "winnow_call_timeouts_total";

    /// <summary>Gauge by <c>call</c>: 1 while such calls (<c>silo</c>) are refused at once, since those before were not answered.</summary>
    public const string CallBreakerOpen = "winnow_call_breaker_open";

    /// <summary>Gauge: when the process's TLS certificate ends, in seconds since 1970; 0 without one.</summary>
    public const string CertificateExpiry = "winnow_tls_certificate_expiry_timestamp_seconds";
}
