namespace Winnow.GpuWorker;

/// <summary>Names of the worker's metrics; docs/metrics.md lists them.</summary>
public static class WorkerMetricNames
{
    /// <summary>Steps run.</summary>
    public const string Steps = "winnow_worker_steps_total";

    /// <summary>Steps that failed.</summary>
    public const string StepFailures = "winnow_worker_step_failures_total";

    /// <summary>Rows run.</summary>
    public const string Rows = "winnow_worker_rows_total";

    /// <summary>Time of a step on the device.</summary>
    public const string StepSeconds = "winnow_worker_step_seconds";

    /// <summary>Rows of a step.</summary>
    public const string StepRows = "winnow_worker_step_rows";

    /// <summary>Sequences open on the shard that ran last.</summary>
    public const string OpenSequences = "winnow_worker_open_sequences";

    /// <summary>Bytes of hidden states handed to the next shard.</summary>
    public const string HandedOnBytes = "winnow_worker_handed_on_bytes_total";

    /// <summary>Bytes that devices sent to the host.</summary>
    public const string HostBytes = "winnow_worker_device_to_host_bytes_total";

    /// <summary>Time to load a shard.</summary>
    public const string LoadSeconds = "winnow_worker_load_seconds";

    /// <summary>Loads refused or failed.</summary>
    public const string LoadFailures = "winnow_worker_load_failures_total";

    /// <summary>Memory budget.</summary>
    public const string MemoryBytes = "winnow_worker_memory_bytes";

    /// <summary>Memory reserved by what is loaded.</summary>
    public const string MemoryUsedBytes = "winnow_worker_memory_used_bytes";

    /// <summary>KV blocks of all loaded shards.</summary>
    public const string KvBlocks = "winnow_worker_kv_blocks";

    /// <summary>Draft rounds answered.</summary>
    public const string DraftRounds = "winnow_worker_draft_rounds_total";

    /// <summary>Draft tokens proposed.</summary>
    public const string DraftTokens = "winnow_worker_draft_tokens_total";

    /// <summary>Draft chains, by why they ended.</summary>
    public const string DraftStops = "winnow_worker_draft_stops_total";

    /// <summary>Time of a draft round on the device.</summary>
    public const string DraftSeconds = "winnow_worker_draft_seconds";

    /// <summary>Branches drafted ahead and pushed.</summary>
    public const string DraftBranches = "winnow_worker_draft_branches_total";

    /// <summary>1 while the silo knows this worker, otherwise 0.</summary>
    public const string Registered = "winnow_worker_registered";
}
