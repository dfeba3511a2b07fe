using System.Globalization;

namespace Winnow.Inference.Planning;

/// <summary>
/// Computes the largest batch, draft length and draft tree that a device's memory holds. Pure: nothing is loaded or measured.
/// </summary>
/// <remarks>
/// After SpecMemo (arXiv:2506.01986): candidate tokens hold memory for a step, not for a sequence's life. Draft tokens of the main chain run in the
/// pages ahead of what their sequence keeps, within its context, and so cost nothing; those off the chain share one pool of rows that is free again
/// after every step. A draft model is worth its memory when the batch that fits beside it yields more tokens a step than the larger one that
/// fits without; a token is taken to be accepted with probability <see cref="AssumedAcceptance"/>.
/// </remarks>
public static class MemoryPlanner
{
    /// <summary>Sequences when none are asked for: as many as a coordinator runs by default.</summary>
    public const int DefaultBatch = 32;

    /// <summary>Rows of a step, which the working memory is made for: every sequence's own row, its draft tokens and tree nodes.</summary>
    public const int StepRows = 512;

    /// <summary>Most draft tokens that a request may ask for.</summary>
    public const int MaxDraftTokens = 16;

    /// <summary>Rows of a shard's scratch pool for each sequence that may run; shared, so that one sequence's tree may take more of them.</summary>
    public const int ScratchRowsPerSequence = 16;

    /// <summary>Acceptance with which a draft model's worth is weighed.</summary>
    public const double AssumedAcceptance = 0.7;

    /// <summary>Plans a device.</summary>
    /// <param name="needs">What the models take.</param>
    /// <param name="memoryBytes">The device's budget.</param>
    /// <param name="batch">Sequences that must run at once, 1 to <see cref="StepRows"/>; <see langword="null"/> for as many as fit, at most <see cref="DefaultBatch"/>.</param>
    /// <exception cref="MemoryPlanException">The target and its sequences do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The batch is out of range.</exception>
    public static MemoryPlan Plan(MemoryNeeds needs, long memoryBytes, int? batch)
    {
        ArgumentNullException.ThrowIfNull(needs);
        if (batch is < 1 or > StepRows)
        {
            throw new ArgumentOutOfRangeException(nameof(batch), $"A batch of '{batch}' cannot run; allowed are 1 to {StepRows}.");
        }
        int plain = LargestBatch(needs, memoryBytes, hasDraft: false, batch ?? DefaultBatch);
        if (plain < (batch ?? 1))
        {
            throw new MemoryPlanException(DoesNotFit(needs, memoryBytes, batch ?? 1, plain));
        }
        int drafted = needs.Draft is null ? 0 : LargestBatch(needs, memoryBytes, hasDraft: true, batch ?? DefaultBatch);
        double plainTokens = TokensPerStep(plain, needs.Head is null ? 0 : ChainTokens(plain));
        bool hasDraft = batch is null ? TokensPerStep(drafted, ChainTokens(drafted)) >= plainTokens && drafted > 0 : drafted == batch && ChainTokens(drafted) > 0;
        int sequences = hasDraft ? drafted : plain;
        int chain = hasDraft || needs.Head is not null ? ChainTokens(sequences) : 0;
        long rowsOfAll = sequences * needs.ScratchRowBytes;
        Int128 free = memoryBytes - needs.TotalBytes(sequences, hasDraft, 0);
        int nodesInMemory = (int)Int128.Min(ScratchRowsPerSequence, free / Math.Max(1, rowsOfAll));
        int nodes = hasDraft ? Math.Min(nodesInMemory, Math.Min(ScratchRowsPerSequence, (StepRows / sequences) - 1 - chain)) : 0;
        var plan = new MemoryPlan
        {
            Batch = sequences,
            HasDraft = hasDraft,
            DraftTokens = chain,
            TreeNodes = nodes,
            UsedBytes = (long)needs.TotalBytes(sequences, hasDraft, sequences * nodes),
            Limits = [],
        };
        return plan with { Limits = [LimitOfBatch(needs, memoryBytes, plan, batch), LimitOfDraft(needs, memoryBytes, plan, batch), LimitOfTree(needs, memoryBytes, plan)] };
    }

    /// <summary>Tokens that a step of so many sequences yields when each draft token is accepted with <see cref="AssumedAcceptance"/>.</summary>
    /// <remarks>A chain of K yields (1 - a^(K+1)) / (1 - a) tokens (Leviathan et al., arXiv:2211.17192).</remarks>
    public static double TokensPerStep(int sequences, int draftTokens) =>
        sequences * (1 - Math.Pow(AssumedAcceptance, draftTokens + 1)) / (1 - AssumedAcceptance);

    private static int LargestBatch(MemoryNeeds needs, long memoryBytes, bool hasDraft, int most)
    {
        Int128 each = (Int128)needs.SequenceBytes + (needs.Head?.SequenceBytes ?? 0) + (hasDraft ? needs.Draft!.SequenceBytes : 0);
        Int128 free = memoryBytes - needs.TotalBytes(0, hasDraft, 0);
        return free < 0 ? 0 : (int)Int128.Min(most, free / Int128.Max(1, each));
    }

    private static int ChainTokens(int sequences) => sequences == 0 ? 0 : Math.Min(MaxDraftTokens, (StepRows / sequences) - 1);

    private static PlanLimit LimitOfBatch(MemoryNeeds needs, long memoryBytes, MemoryPlan plan, int? asked)
    {
        if (plan.Batch == asked)
        {
            return new PlanLimit(PlanNumber.Batch, PlanBound.Request, $"{asked} sequences were asked for, and fit.");
        }
        if (plan.Batch == DefaultBatch)
        {
            return new PlanLimit(PlanNumber.Batch, PlanBound.Maximum, $"{DefaultBatch} sequences run at once unless more are asked for.");
        }
        long cache = plan.HasDraft ? needs.Draft!.SequenceBytes : 0;
        long head = needs.Head?.SequenceBytes ?? 0;
        Int128 free = memoryBytes - needs.TotalBytes(plan.Batch, plan.HasDraft, 0);
        return new PlanLimit(PlanNumber.Batch, PlanBound.Memory, Text(
            $"One sequence more needs {(Int128)needs.SequenceBytes + head + cache} bytes (KV pages {needs.SequenceBytes}, head {head}, draft cache {cache}); {free} are left beside {plan.Batch} sequences."));
    }

    private static PlanLimit LimitOfDraft(MemoryNeeds needs, long memoryBytes, MemoryPlan plan, int? asked)
    {
        if (needs.Draft is null && needs.Head is null)
        {
            return new PlanLimit(PlanNumber.DraftTokens, PlanBound.Request, "No draft model was given.");
        }
        bool isLeftOut = needs.Draft is not null && !plan.HasDraft && ChainTokens(plan.Batch) > 0;
        if (plan.DraftTokens == MaxDraftTokens && !isLeftOut)
        {
            return new PlanLimit(PlanNumber.DraftTokens, PlanBound.Maximum, $"A request may ask for {MaxDraftTokens} draft tokens at most.");
        }
        if (!isLeftOut)
        {
            return new PlanLimit(PlanNumber.DraftTokens, PlanBound.StepRows,
                $"{plan.Batch} sequences with {plan.DraftTokens} draft tokens fill {plan.Batch * (plan.DraftTokens + 1)} of the {StepRows} rows of a step.");
        }
        Int128 free = memoryBytes - needs.TotalBytes(plan.Batch, hasDraft: false, 0);
        return new PlanLimit(PlanNumber.DraftTokens, PlanBound.Memory, Text(
            $"The draft needs {needs.Draft!.TotalBytes(plan.Batch)} bytes for {plan.Batch} sequences (weights {needs.Draft.WeightBytes}, working memory {needs.Draft.WorkingBytes}, ")
            + Text($"cache {needs.Draft.SequenceBytes} each); {free} are left{(asked is null ? ", and fewer sequences with drafts would yield less" : "")}."));
    }

    private static PlanLimit LimitOfTree(MemoryNeeds needs, long memoryBytes, MemoryPlan plan)
    {
        if (plan.DraftTokens == 0)
        {
            return new PlanLimit(PlanNumber.TreeNodes, PlanBound.Request, "Without draft tokens there is no tree.");
        }
        if (!plan.HasDraft)
        {
            return new PlanLimit(PlanNumber.TreeNodes, PlanBound.Request, "A head drafts chains; trees come from a draft model.");
        }
        if (plan.TreeNodes == ScratchRowsPerSequence)
        {
            return new PlanLimit(PlanNumber.TreeNodes, PlanBound.Maximum, $"A shard keeps {ScratchRowsPerSequence} scratch rows for a sequence at most.");
        }
        if (plan.Batch * (1 + plan.DraftTokens + plan.TreeNodes + 1) > StepRows)
        {
            return new PlanLimit(PlanNumber.TreeNodes, PlanBound.StepRows,
                $"{plan.Batch} sequences with {plan.DraftTokens} draft tokens and {plan.TreeNodes} tree nodes fill {plan.Batch * (1 + plan.DraftTokens + plan.TreeNodes)} of the {StepRows} rows of a step.");
        }
        return new PlanLimit(PlanNumber.TreeNodes, PlanBound.Memory, Text(
            $"A node more for each of {plan.Batch} sequences needs {(Int128)plan.Batch * needs.ScratchRowBytes} bytes; {memoryBytes - plan.UsedBytes} are left."));
    }

    private static string DoesNotFit(MemoryNeeds needs, long memoryBytes, int batch, int fits)
    {
        string advice = fits > 0
            ? $"ask for at most {fits} sequences, a shorter context, or give more memory."
            : "use a shorter context, a smaller model, more shards, or give more memory.";
        return Text($"'{batch}' sequences need '{needs.TotalBytes(batch, hasDraft: false, 0)}' bytes (weights {needs.WeightBytes}, working memory {needs.WorkingBytes}, ")
            + Text($"KV pages {needs.SequenceBytes} each{HeadText(needs)}); the budget has {memoryBytes}; {advice}");
    }

    private static string HeadText(MemoryNeeds needs) =>
        needs.Head is { } head ? Text($", heads {(Int128)head.WeightBytes + head.WorkingBytes} and {head.SequenceBytes} each") : "";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
