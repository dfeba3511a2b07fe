using Winnow.Inference.Cache;
using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Drafting.Heads;
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

    /// <summary>The target's trained heads, which are there whenever the target is; <see langword="null"/> for none.</summary>
    public DraftMemoryNeeds? Head { get; init; }

    /// <summary>The draft model, or <see langword="null"/> for none.</summary>
    public DraftMemoryNeeds? Draft { get; init; }

    /// <summary>Reads the needs off two models that lie whole on one device.</summary>
    /// <param name="target">Target model.</param>
    /// <param name="draft">Draft model, or <see langword="null"/>.</param>
    /// <param name="contextTokens">Longest sequence in tokens; a draft with a shorter context drafts only as far as it reaches.</param>
    /// <param name="blockTokens">Tokens per KV block.</param>
    /// <param name="type">Stored form of keys and values.</param>
    /// <param name="head">A trained head on the target's last layers, or <see langword="null"/>.</param>
    /// <param name="exit">An early exit on its first layers, or <see langword="null"/>.</param>
    /// <param name="devices">Devices that share every layer of both; what each has whole is counted for each.</param>
    public static MemoryNeeds Of(
        ModelFootprint target, ModelFootprint? draft, int contextTokens, int blockTokens, KvType type,
        HeadConfiguration? head = null, ExitModel? exit = null, int devices = 1)
    {
        ArgumentNullException.ThrowIfNull(target);
        int layers = target.Configuration.Layers;
        long positions = (long)new KvPages(target, layers, blockTokens, type).BlocksOf(contextTokens) * blockTokens;
        return new MemoryNeeds
        {
            WeightBytes = target.WeightBytes(0, layers, devices),
            WorkingBytes = target.ScratchBytes(hasHead: true),
            SequenceBytes = new KvPages(target, layers, blockTokens, type).SequenceBytes(contextTokens),
            ScratchRowBytes = target.KvBytes(layers, 1, type) + (exit?.KvBytes(1, type) ?? 0),
            Head = head is null && exit is null ? null : new DraftMemoryNeeds(
                (head?.WeightBytes ?? 0) + (exit?.WeightBytes ?? 0), exit?.ScratchBytes ?? 0, (head?.KvBytes(positions) ?? 0) + (exit?.KvBytes(positions, type) ?? 0)),
            Draft = draft is null ? null : DraftOf(draft, Math.Min(contextTokens, draft.Configuration.ContextTokens), blockTokens, type, devices),
        };
    }

    /// <summary>Bytes of everything.</summary>
    /// <param name="sequences">Sequences at their full context.</param>
    /// <param name="hasDraft">Whether the draft is there; it must be one of the needs.</param>
    /// <param name="scratchRows">Rows of the scratch pool.</param>
    public Int128 TotalBytes(int sequences, bool hasDraft, int scratchRows)
    {
        Int128 bytes = (Int128)WeightBytes + WorkingBytes + ((Int128)sequences * SequenceBytes) + ((Int128)scratchRows * ScratchRowBytes);
        bytes += Head?.TotalBytes(sequences) ?? 0;
        return hasDraft ? bytes + Draft!.TotalBytes(sequences) : bytes;
    }

    private static DraftMemoryNeeds DraftOf(ModelFootprint draft, int contextTokens, int blockTokens, KvType type, int devices)
    {
        int layers = draft.Configuration.Layers;
        return new DraftMemoryNeeds(
            draft.WeightBytes(0, layers, devices), draft.ScratchBytes(hasHead: true), new KvPages(draft, layers, blockTokens, type).SequenceBytes(contextTokens));
    }
}

/// <summary>What a draft model, or the target's heads, take, in bytes.</summary>
/// <param name="WeightBytes">Weights.</param>
/// <param name="WorkingBytes">Activations and logits, where they are more than those of the target.</param>
/// <param name="SequenceBytes">Its keys and values of a sequence at its full context.</param>
public sealed record DraftMemoryNeeds(long WeightBytes, long WorkingBytes, long SequenceBytes)
{
    /// <summary>Bytes with the cache of so many sequences.</summary>
    public Int128 TotalBytes(int sequences) => (Int128)WeightBytes + WorkingBytes + ((Int128)sequences * SequenceBytes);
}
