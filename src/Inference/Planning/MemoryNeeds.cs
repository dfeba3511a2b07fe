using Winnow.Inference.Cache;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Planning;

/// <summary>What a target, and a draft beside it, take on one device, in bytes; the same figures that a worker reserves when it loads.</summary>
public sealed record MemoryNeeds
{
    /// <summary>Weights of the target.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Activations and logits of a step.</summary>
    public required long WorkingBytes { get; init; }

    /// <summary>KV pages of a sequence at its full context.</summary>
    public required long SequenceBytes { get; init; }

    /// <summary>A row of the scratch pool: keys and values of one candidate token off a sequence's main chain.</summary>
    public required long ScratchRowBytes { get; init; }

    /// <summary>The draft model, or <see langword="null"/> for none.</summary>
    public DraftMemoryNeeds? Draft { get; init; }

    /// <summary>Reads the needs off two models that lie whole on one device.</summary>
    /// <param name="target">Target model.</param>
    /// <param name="draft">Draft model, or <see langword="null"/>.</param>
    /// <param name="contextTokens">Longest sequence in tokens; a draft with a shorter context drafts only as far as it reaches.</param>
    /// <param name="blockTokens">Tokens per KV block.</param>
    /// <param name="type">Stored form of keys and values.</param>
    public static MemoryNeeds Of(ModelFootprint target, ModelFootprint? draft, int contextTokens, int blockTokens, KvType type)
    {
        ArgumentNullException.ThrowIfNull(target);
        int layers = target.Configuration.Layers;
        return new MemoryNeeds
        {
            WeightBytes = target.WeightBytes(0, layers),
            WorkingBytes = target.ScratchBytes(hasHead: true),
            SequenceBytes = new KvPages(target, layers, blockTokens, type).SequenceBytes(contextTokens),
            ScratchRowBytes = target.KvBytes(layers, 1, type),
            Draft = draft is null ? null : DraftOf(draft, Math.Min(contextTokens, draft.Configuration.ContextTokens), blockTokens, type),
        };
    }

    /// <summary>Bytes of everything.</summary>
    /// <param name="sequences">Sequences at their full context.</param>
    /// <param name="hasDraft">Whether the draft is there; it must be one of the needs.</param>
    /// <param name="scratchRows">Rows of the scratch pool.</param>
    public Int128 TotalBytes(int sequences, bool hasDraft, int scratchRows)
    {
        Int128 bytes = (Int128)WeightBytes + WorkingBytes + ((Int128)sequences * SequenceBytes) + ((Int128)scratchRows * ScratchRowBytes);
        return hasDraft ? bytes + Draft!.TotalBytes(sequences) : bytes;
    }

    private static DraftMemoryNeeds DraftOf(ModelFootprint draft, int contextTokens, int blockTokens, KvType type)
    {
        int layers = draft.Configuration.Layers;
        return new DraftMemoryNeeds(
            draft.WeightBytes(0, layers), draft.ScratchBytes(hasHead: true), new KvPages(draft, layers, blockTokens, type).SequenceBytes(contextTokens));
    }
}

/// <summary>What a draft model takes, in bytes.</summary>
/// <param name="WeightBytes">Weights.</param>
/// <param name="WorkingBytes">Activations and logits.</param>
/// <param name="SequenceBytes">Draft cache of a sequence at its full context.</param>
public sealed record DraftMemoryNeeds(long WeightBytes, long WorkingBytes, long SequenceBytes)
{
    /// <summary>Bytes with the cache of so many sequences.</summary>
    public Int128 TotalBytes(int sequences) => (Int128)WeightBytes + WorkingBytes + ((Int128)sequences * SequenceBytes);
}
