namespace Winnow.Silo;

/// <summary>Names of the silo's metrics; docs/metrics.md lists them.</summary>
public static class SiloMetricNames
{
    /// <summary>Gauge by <c>health</c>: known workers.</summary>
    public const string Workers = "winnow_silo_workers";

    /// <summary>Counter: registrations of workers taken.</summary>
    public const string Registrations = "winnow_silo_registrations_total";

    /// <summary>Counter: beats of workers taken.</summary>
    public const string Beats = "winnow_silo_beats_total";

    /// <summary>Counter: workers lost without notice.</summary>
    public const string WorkersLost = "winnow_silo_workers_lost_total";

    /// <summary>Counter by <c>model</c>: placements made.</summary>
    public const string Placements = "winnow_silo_placements_total";

    /// <summary>Counter by <c>model</c>: placements that failed.</summary>
    public const string PlacementFailures = "winnow_silo_placement_failures_total";

    /// <summary>Histogram: time from a plan until every shard is ready.</summary>
    public const string PlacementSeconds = "winnow_silo_placement_seconds";

    /// <summary>Gauge by <c>model</c>, <c>replica</c>: 1 while a replica is ready.</summary>
    public const string ModelReady = "winnow_silo_model_ready";

    /// <summary>Gauge by <c>model</c>, <c>replica</c>: fencing epoch.</summary>
    public const string ModelEpoch = "winnow_silo_model_epoch";

    /// <summary>Counter by <c>state</c>: records written to disk.</summary>
    public const string StateWrites = "winnow_silo_state_writes_total";

    /// <summary>Counter by <c>state</c>: bytes of records written to disk.</summary>
    public const string StateBytes = "winnow_silo_state_bytes_total";

    /// <summary>Counter: sessions removed since their time to live was over.</summary>
    public const string SessionsExpired = "winnow_silo_sessions_expired_total";

    /// <summary>Histogram: time to make a record durable.</summary>
    public const string StateWriteSeconds = "winnow_silo_state_write_seconds";
}
