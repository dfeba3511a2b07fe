namespace Winnow.Inference.Execution;

/// <summary>Stable names of what can be wrong with a step or a row (docs/errors.md).</summary>
public static class StepErrorTypes
{
    /// <summary>Row: the hash of the tokens before the first row is not that of what the slot holds.</summary>
    public const string PrefixMismatch = "prefix_mismatch";

    /// <summary>Row: the slot is not open.</summary>
    public const string UnknownSlot = "unknown_slot";

    /// <summary>Row: a count, token id, block id, parent or kept path is out of its range.</summary>
    public const string BadRow = "bad_row";

    /// <summary>Row: the sequence could not be opened as asked; told with its first rows.</summary>
    public const string BadOpen = "bad_open";

    /// <summary>Row: the sequence would be longer than the context.</summary>
    public const string ContextExceeded = "context_exceeded";

    /// <summary>Row: the step has no room for these rows.</summary>
    public const string TooManyRows = "too_many_rows";

    /// <summary>Step: it does not follow the last one of its epoch, or its epoch is over.</summary>
    public const string StaleStep = "stale_step";

    /// <summary>Step: something is out of range that belongs to no single row.</summary>
    public const string BadStep = "bad_step";

    /// <summary>Row: following the sequence's grammar takes more than is allowed, or no token of the vocabulary goes on with it. Trying again gives the same.</summary>
    public const string GrammarFailed = "grammar_failed";

    /// <summary>Step: a later shard found what the first shard should have taken out; the shards' states differ.</summary>
    public const string ShardsDiffer = "shards_differ";
}
