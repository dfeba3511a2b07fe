namespace Winnow.Gateway;

/// <summary>Names of the gateway's metrics (docs/metrics.md). The endings are those that vLLM made known.</summary>
public static class GatewayMetrics
{
    // ---- Seen from the client, by the API ----

    /// <summary>Histogram by <c>model</c>: from the request to its first token.</summary>
    public const string TimeToFirstTokenSeconds = "winnow_time_to_first_token_seconds";

    /// <summary>Histogram by <c>model</c>: between two tokens of a choice, the tokens of a step sharing its time.</summary>
    public const string InterTokenLatencySeconds = "winnow_inter_token_latency_seconds";

    /// <summary>Histogram by <c>model</c>: from the request to the end of its answer.</summary>
    public const string RequestLatencySeconds = "winnow_e2e_request_latency_seconds";

    /// <summary>Counter by <c>model</c>, <c>finished_reason</c>: choices that ended.</summary>
    public const string RequestsFinished = "winnow_request_success_total";

    /// <summary>Counter by <c>model</c>: prompt tokens of requests that began to answer.</summary>
    public const string PromptTokens = "winnow_prompt_tokens_total";

    /// <summary>Counter by <c>model</c>: tokens generated.</summary>
    public const string GenerationTokens = "winnow_generation_tokens_total";

    /// <summary>Counter by <c>key</c>: generating requests let in, by name of the API key (<c>anonymous</c> without keys).</summary>
    public const string KeyRequests = "winnow_key_requests_total";

    /// <summary>Counter by <c>key</c>, <c>kind</c>: tokens of those requests, <c>prompt</c> and <c>generated</c>.</summary>
    public const string KeyTokens = "winnow_key_tokens_total";

    /// <summary>
    /// Counter by <c>reason</c>: refused or ended by a limit: <c>concurrency</c>, <c>requests</c>, <c>tokens</c> (of a key), <c>address</c>,
    /// <c>connections</c> (of an address), <c>deadline</c>.
    /// </summary>
    public const string RequestsRefused = "winnow_requests_refused_total";

    // ---- Of the running batch, by the coordinator ----

    /// <summary>Gauge by <c>model</c>: sequences with a place on the shards.</summary>
    public const string RequestsRunning = "winnow_num_requests_running";

    /// <summary>Gauge by <c>model</c>: sequences that wait for a place.</summary>
    public const string RequestsWaiting = "winnow_num_requests_waiting";

    /// <summary>Gauge by <c>model</c>, <c>replica</c>: part of the KV blocks that running sequences hold.</summary>
    public const string KvCacheUsage = "winnow_kv_cache_usage_ratio";

    /// <summary>Counter by <c>model</c>: sequences paused because KV blocks ran short.</summary>
    public const string Preemptions = "winnow_num_preemptions_total";

    /// <summary>Counter by <c>model</c>: tokens looked up in the prefix cache.</summary>
    public const string PrefixCacheQueries = "winnow_prefix_cache_queries_total";

    /// <summary>Counter by <c>model</c>: tokens found in the prefix cache.</summary>
    public const string PrefixCacheHits = "winnow_prefix_cache_hits_total";

    /// <summary>Counter by <c>model</c>: steps sent to the target.</summary>
    public const string Steps = "winnow_steps_total";

    /// <summary>Histogram by <c>model</c>: rows of a step: decodes, drafts and prompt chunks together.</summary>
    public const string StepRows = "winnow_step_rows";

    /// <summary>Histogram by <c>model</c>: from sending a step to its result.</summary>
    public const string StepSeconds = "winnow_step_duration_seconds";

    /// <summary>Counter by <c>model</c>, <c>drafter</c>: draft tokens verified.</summary>
    public const string DraftTokens = "winnow_spec_decode_num_draft_tokens_total";

    /// <summary>Counter by <c>model</c>, <c>drafter</c>: draft tokens accepted.</summary>
    public const string AcceptedTokens = "winnow_spec_decode_num_accepted_tokens_total";

    /// <summary>Counter by <c>model</c>, <c>drafter</c>, <c>position</c>: draft tokens accepted by their place in the draft, from 0.</summary>
    public const string AcceptedTokensPerPosition = "winnow_spec_decode_num_accepted_tokens_per_pos_total";

    /// <summary>
    /// Counter by <c>model</c>, <c>drafter</c>: time that drafting took: in the gateway, in the target's shards (<c>eagle3</c>, <c>kangaroo</c>), or from
    /// asking the draft model to its answer.
    /// </summary>
    public const string DraftSeconds = "winnow_spec_decode_draft_seconds_total";

    /// <summary>Counter by <c>model</c>, <c>drafter</c>: steps of a sequence that verified drafts.</summary>
    public const string Drafts = "winnow_spec_decode_num_drafts_total";

    /// <summary>Counter by <c>model</c>: steps of a sequence that took drafts from what the draft model had prepared.</summary>
    public const string AheadHits = "winnow_spec_decode_ahead_hits_total";

    /// <summary>Counter by <c>model</c>: steps of a sequence that found nothing prepared.</summary>
    public const string AheadMisses = "winnow_spec_decode_ahead_misses_total";

    /// <summary>Counter by <c>model</c>: branches received from the draft model.</summary>
    public const string AheadBranches = "winnow_spec_decode_ahead_branches_total";

    /// <summary>Counter by <c>model</c>: those of them that came when their sequence had gone on.</summary>
    public const string AheadLate = "winnow_spec_decode_ahead_late_total";

    /// <summary>Counter by <c>model</c>: hits whose outcome only the first shard's early exit had brought up.</summary>
    public const string AheadMirrorHits = "winnow_spec_decode_ahead_mirror_hits_total";

    /// <summary>Counter by <c>model</c>: generations sent to the gateway that coordinates the replica.</summary>
    public const string RequestsForwarded = "winnow_requests_forwarded_total";

    /// <summary>Counter by <c>model</c>: generations that went on elsewhere because the lease moved or a gateway was lost.</summary>
    public const string RequestsMoved = "winnow_requests_moved_total";

    /// <summary>Gauge by <c>model</c>, <c>replica</c>, <c>rows</c>: time of a step before the first request, by its rows (1, 2, 4 and so on).</summary>
    public const string CalibrationStepSeconds = "winnow_calibration_step_seconds";

    /// <summary>
    /// Gauge by <c>model</c>, <c>replica</c>, <c>tokens</c>: time of a round of the draft model before the first request, by the tokens drafted, of all
    /// sequences together.
    /// </summary>
    public const string CalibrationDraftSeconds = "winnow_calibration_draft_seconds";

    /// <summary>Counter by <c>model</c>: replicas that broke or were lost under a coordinator.</summary>
    public const string ReplicasLost = "winnow_replicas_lost_total";

    /// <summary>Counter: checkpoints of sessions written.</summary>
    public const string Checkpoints = "winnow_checkpoints_total";

    /// <summary>Counter: attempts to write one that failed.</summary>
    public const string CheckpointFailures = "winnow_checkpoint_failures_total";

    /// <summary>Counter: tokens sent with them, without prompts.</summary>
    public const string CheckpointTokens = "winnow_checkpoint_tokens_total";

    // ---- The model store ----

    /// <summary>Counter: bytes of models sent to other processes.</summary>
    public const string ModelStoreSentBytes = "winnow_model_store_sent_bytes_total";

    /// <summary>Counter by <c>status</c>: requests to the model store, by the status they got.</summary>
    public const string ModelStoreRequests = "winnow_model_store_requests_total";
}
