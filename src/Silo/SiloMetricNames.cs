namespace Winnow.Silo;

/// <summary>Names of the silo's metrics; docs/metrics.md lists them.</summary>
public static class SiloMetricNames
{
    /// <summary>Known workers by health.</summary>
    public const string Workers = "winnow_silo_workers";

    /// <summary>Registrations taken.</summary>
    public const string Registrations = "winnow_silo_registrations_total";

    /// <summary>Beats taken.</summary>
    public const string Beats = "winnow_silo_beats_total";

    /// <summary>Workers lost.</summary>
    public const string WorkersLost = "winnow_silo_workers_lost_total";

    /// <summary>Placements made.</summary>
    public const string Placements = "winnow_silo_placements_total";

    /// <summary>Placements that failed.</summary>
    public const string PlacementFailures = "winnow_silo_placement_failures_total";

    /// <summary>Time of a placement, from the plan until every shard is ready.</summary>
    public const string PlacementSeconds = "winnow_silo_placement_seconds";

    /// <summary>1 while a replica is ready, otherwise 0.</summary>
    public const string ModelReady = "winnow_silo_model_ready";

    /// <summary>Fencing epoch of a replica.</summary>
    public const string ModelEpoch = "winnow_silo_model_epoch";

    /// <summary>Records written to disk.</summary>
    public const string StateWrites = "winnow_silo_state_writes_total";

    /// <summary>Bytes of records written to disk.</summary>
    public const string StateBytes = "winnow_silo_state_bytes_total";

    /// <summary>Sessions removed since their time to live was over.</summary>
    public const string SessionsExpired = "winnow_silo_sessions_expired_total";

    /// <summary>Time to make a record durable.</summary>
    public const string StateWriteSeconds = "winnow_silo_state_write_seconds";
}
