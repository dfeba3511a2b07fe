namespace Winnow.Contracts;

/// <summary>
/// Stable names of what can go wrong at a worker, as <c>ErrorDetail.type</c> and as the gRPC trailer <see cref="Trailer"/>; docs/errors.md.
/// </summary>
public static class WorkerErrorTypes
{
    /// <summary>Trailer that carries the type of a failed call.</summary>
    public const string Trailer = "winnow-error-type";

    /// <summary>The message's epoch is older than the replica's: someone else coordinates it, or it was placed anew.</summary>
    public const string StaleEpoch = "stale_epoch";

    /// <summary>Nothing is loaded here under that replica and shard.</summary>
    public const string UnknownReplica = "unknown_replica";

    /// <summary>A load request contradicts itself or the model.</summary>
    public const string InvalidLoad = "invalid_load";

    /// <summary>The model file is missing, damaged or not supported.</summary>
    public const string InvalidModel = "invalid_model";

    /// <summary>The model's server cannot be reached, sends something else than it was asked for, or the cache has no room.</summary>
    public const string ModelUnreachable = "model_unreachable";

    /// <summary>Weights, KV cache and scratch do not fit into the worker's memory budget.</summary>
    public const string InsufficientMemory = "insufficient_memory";

    /// <summary>The next shard cannot be reached.</summary>
    public const string NextShardUnreachable = "next_shard_unreachable";

    /// <summary>The stream to the next shard broke.</summary>
    public const string NextShardLost = "next_shard_lost";

    /// <summary>A step message contradicts itself or what the shard holds.</summary>
    public const string InvalidStep = "invalid_step";

    /// <summary>A step failed for a reason of the worker's own.</summary>
    public const string StepFailed = "step_failed";

    /// <summary>A draft round failed; the stream goes on.</summary>
    public const string DraftFailed = "draft_failed";

    /// <summary>The stream from the coordinator or the previous shard broke.</summary>
    public const string PipelineBroken = "pipeline_broken";

    /// <summary>Another stream of the same replica took this one's place.</summary>
    public const string Superseded = "superseded";

    /// <summary>The coordinator does not read the results, or stopped reading them.</summary>
    public const string ResultsNotRead = "results_not_read";

    /// <summary>The worker is shutting down.</summary>
    public const string Draining = "worker_draining";
}
