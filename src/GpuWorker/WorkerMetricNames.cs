namespace Winnow.GpuWorker;

/// <summary>Names of the worker's metrics; docs/metrics.md lists them.</summary>
public static class WorkerMetricNames
{
    /// <summary>Counter: steps run.</summary>
    public const string Steps = "winnow_worker_steps_total";

    /// <summary>Counter by <c>type</c>: step sessions that ended with a fault.</summary>
    public const string StepFailures = "winnow_worker_step_failures_total";

    /// <summary>Counter: rows run.</summary>
    public const string Rows = "winnow_worker_rows_total";

    /// <summary>Histogram: time of a step on the device.</summary>
    public const string StepSeconds = "winnow_worker_step_seconds";

    /// <summary>Histogram: rows of a step.</summary>
    public const string StepRows = "winnow_worker_step_rows";

    /// <summary>Gauge: sequences open on the shard that ran last.</summary>
    public const string OpenSequences = "winnow_worker_open_sequences";

    /// <summary>Counter: bytes of hidden states handed to the next shard.</summary>
    public const string HandedOnBytes = "winnow_worker_handed_on_bytes_total";

    /// <summary>
    /// Counter: bytes that devices sent to the host in steps: what was drawn, hidden states for the next shard, rows that are drawn at the host; 0 on CPU
    /// workers.
    /// </summary>
    public const string HostBytes = "winnow_worker_device_to_host_bytes_total";

    /// <summary>Histogram: time to load a shard or a draft model.</summary>
    public const string LoadSeconds = "winnow_worker_load_seconds";

    /// <summary>Counter by <c>type</c>: loads refused or failed.</summary>
    public const string LoadFailures = "winnow_worker_load_failures_total";

    /// <summary>Gauge: memory budget.</summary>
    public const string MemoryBytes = "winnow_worker_memory_bytes";

    /// <summary>Gauge: memory reserved by what is loaded.</summary>
    public const string MemoryUsedBytes = "winnow_worker_memory_used_bytes";

    /// <summary>Gauge: KV blocks of all loaded shards.</summary>
    public const string KvBlocks = "winnow_worker_kv_blocks";

    /// <summary>Counter: draft rounds answered.</summary>
    public const string DraftRounds = "winnow_worker_draft_rounds_total";

    /// <summary>Counter: draft tokens proposed.</summary>
    public const string DraftTokens = "winnow_worker_draft_tokens_total";

    /// <summary>
    /// Counter by <c>reason</c>: drafts proposed, by why they are no longer: <c>limit</c> (what was asked for), <c>table</c> or <c>stop_head</c> (more was
    /// not expected to be kept).
    /// </summary>
    public const string DraftStops = "winnow_worker_draft_stops_total";

    /// <summary>Histogram: time of a draft round on the device.</summary>
    public const string DraftSeconds = "winnow_worker_draft_seconds";

    /// <summary>Counter: branches drafted ahead and pushed to the coordinator.</summary>
    public const string DraftBranches = "winnow_worker_draft_branches_total";

    /// <summary>Gauge: 1 while the silo knows this worker.</summary>
    public const string Registered = "winnow_worker_registered";
}
