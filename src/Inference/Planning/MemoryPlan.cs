namespace Winnow.Inference.Planning;

/// <summary>What fits a device's budget together.</summary>
public sealed record MemoryPlan
{
    /// <summary>Sequences that run at once, each at its full context.</summary>
    public required int Batch { get; init; }

    /// <summary>The draft model is on the device.</summary>
    public required bool HasDraft { get; init; }

    /// <summary>Draft tokens of a sequence in a step, on its main chain, by the draft model or a head; 0 is no speculation.</summary>
    public required int DraftTokens { get; init; }

    /// <summary>Candidate tokens of a sequence in a step off its main chain: the rest of a draft tree.</summary>
    public required int TreeNodes { get; init; }

    /// <summary>Rows of the scratch pool, shared by the sequences and free again after every step.</summary>
    public int ScratchRows => Batch * TreeNodes;

    /// <summary>Bytes of everything, at most the budget.</summary>
    public required long UsedBytes { get; init; }

    /// <summary>Why it is not more: one limit for the batch, one for draft tokens, one for tree nodes.</summary>
    public required IReadOnlyList<PlanLimit> Limits { get; init; }
}

/// <summary>Why a number of a plan is not larger.</summary>
/// <param name="Of">Which number.</param>
/// <param name="By">What limits it.</param>
/// <param name="Reason">A sentence for people, with the numbers.</param>
public sealed record PlanLimit(PlanNumber Of, PlanBound By, string Reason);

/// <summary>A number of a <see cref="MemoryPlan"/>.</summary>
public enum PlanNumber
{
    /// <summary><see cref="MemoryPlan.Batch"/>.</summary>
    Batch,

    /// <summary><see cref="MemoryPlan.DraftTokens"/>.</summary>
    DraftTokens,

    /// <summary><see cref="MemoryPlan.TreeNodes"/>.</summary>
    TreeNodes,
}

/// <summary>What limits a number of a <see cref="MemoryPlan"/>.</summary>
public enum PlanBound
{
    /// <summary>The budget.</summary>
    Memory,

    /// <summary>The rows of a step, which the working memory is made for.</summary>
    StepRows,

    /// <summary>No more is ever used.</summary>
    Maximum,

    /// <summary>That is what was asked for.</summary>
    Request,
}
