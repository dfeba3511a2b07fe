using Winnow.Inference.Drafting;

namespace Winnow.Inference.Execution;

/// <summary>
/// What a shard made of a step. Owned by the engine and reused: valid until its next <see cref="ShardEngine.Finish"/>,
/// except for <see cref="Batch"/> and <see cref="Result"/>, which stay as they are.
/// </summary>
public sealed class StepOutcome
{
    /// <summary>The whole step failed; nothing is to be handed on.</summary>
    public StepError? Error { get; internal set; }

    /// <summary>The step to hand to the next shard: the one that came, or a copy without the rows and drafts that were taken out.</summary>
    public StepBatch Batch { get; internal set; } = new();

    /// <summary>Rows that ran, in the order of <see cref="StepBatch.Sequences"/> of <see cref="Batch"/>.</summary>
    public int RowCount { get; internal set; }

    /// <summary>Hidden states after this shard (rows x C) for the next one; empty at the last shard.</summary>
    public ReadOnlyMemory<float> Hidden { get; internal set; }

    /// <summary>What the first shard's early exit expects of the verification, for rows that asked; a list of its own for every step.</summary>
    public IReadOnlyList<DraftMirror> Mirrors { get; internal set; } = [];

    /// <summary>The verified tokens; set at the last shard only.</summary>
    public StepResult? Result { get; internal set; }

    /// <summary>Bytes that the shard's device sent to the host for the step; 0 where there is one memory.</summary>
    public long HostBytes { get; internal set; }

    /// <summary>The shard computes the rows; nothing else is known yet.</summary>
    internal bool IsUnderWay { get; set; }

    /// <summary>Forgets another step.</summary>
    internal void Begin(StepBatch batch)
    {
        Batch = batch;
        Result = null;
        RowCount = 0;
        HostBytes = 0;
        Hidden = default;
        Mirrors = [];
        IsUnderWay = false;
    }
}
