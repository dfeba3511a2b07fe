using System.ComponentModel.DataAnnotations;

namespace Winnow.Inference.Execution;

/// <summary>Limits of a <see cref="ShardEngine"/>. All shards of a replica must use the same values.</summary>
public sealed record ShardEngineOptions
{
    /// <summary>
    /// Most sequences open at once; opening more fails the step. Memory: 12 bytes per token of every open sequence. Default 1024.
    /// </summary>
    [Range(1, 65536)]
    public int MaxSlots { get; init; } = 1024;

    /// <summary>
    /// Most rows of a step; sequences beyond are dropped with <c>too_many_rows</c>. Memory: one hidden state per row. Default 8192.
    /// </summary>
    [Range(1, 1 << 20)]
    public int MaxStepRows { get; init; } = 8192;

    /// <summary>Most draft nodes of a sequence in a step; nodes beyond are cut. Default 64.</summary>
    [Range(0, 1024)]
    public int MaxDraftTokens { get; init; } = 64;

    /// <summary>Most bytes of logits computed at once at the last shard; at least one sequence's rows are. Default 64 MiB.</summary>
    [Range(1, int.MaxValue)]
    public int LogitBytes { get; init; } = 64 << 20;
}
