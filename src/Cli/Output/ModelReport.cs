using Winnow.Inference.Cache;
using Winnow.Inference.Graph;

namespace Winnow.Cli.Output;

/// <summary>A model's sizes and what it needs in memory, for <c>winnow inspect</c>.</summary>
internal sealed record ModelReport
{
    private const int BlockTokens = 16;
    private static readonly int[] Contexts = [2048, 8192, 32_768, 131_072];
    private static readonly int[] Batches = [1, 4, 16, 32];

    /// <summary>The model's name for people.</summary>
    public required string Name { get; init; }

    /// <summary>Longest sequence, in tokens.</summary>
    public required int ContextTokens { get; init; }

    /// <summary>Layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Width of a hidden state.</summary>
    public required int ModelSize { get; init; }

    /// <summary>Width of the feed-forward layer.</summary>
    public required int FeedForwardSize { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key-value heads.</summary>
    public required int KvHeads { get; init; }

    /// <summary>Elements of a head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Rows of the embedding matrix; the tokeniser may use fewer.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>The head is the embedding matrix.</summary>
    public required bool TiedEmbeddings { get; init; }

    /// <summary>What the whole model needs in one process.</summary>
    public required MemoryReport Memory { get; init; }

    /// <summary>Reports a model.</summary>
    public static ModelReport From(ModelFootprint footprint)
    {
        ModelConfiguration model = footprint.Configuration;
        return new ModelReport
        {
            Name = model.Name,
            ContextTokens = model.ContextTokens,
            Layers = model.Layers,
            ModelSize = model.ModelSize,
            FeedForwardSize = model.FeedForwardSize,
            Heads = model.Heads,
            KvHeads = model.KvHeads,
            HeadSize = model.HeadSize,
            VocabularySize = model.VocabularySize,
            TiedEmbeddings = model.TiedEmbeddings,
            Memory = Measure(footprint),
        };
    }

    private static MemoryReport Measure(ModelFootprint footprint)
    {
        ModelConfiguration model = footprint.Configuration;
        long weights = footprint.WeightBytes(0, model.Layers);
        long scratch = footprint.ScratchBytes(hasHead: true);
        IEnumerable<int> contexts = Contexts.Where(tokens => tokens < model.ContextTokens).Append(model.ContextTokens);
        return new MemoryReport
        {
            WeightsBytes = weights,
            ScratchBytes = scratch,
            KvType = nameof(KvType.F16),
            Needs = [.. contexts.SelectMany(context => Batches.Select(batch => Need(context, batch)))],
        };

        MemoryNeed Need(int context, int batch)
        {
            long rows = (context + (long)BlockTokens - 1) / BlockTokens * BlockTokens * batch;
            long kv = footprint.KvBytes(model.Layers, rows, KvType.F16);
            return new MemoryNeed(context, batch, kv, kv > long.MaxValue - weights - scratch ? long.MaxValue : weights + scratch + kv);
        }
    }
}

/// <summary>Memory of a whole model in one process, by context and sequences at once.</summary>
internal sealed record MemoryReport
{
    /// <summary>Weights.</summary>
    public required long WeightsBytes { get; init; }

    /// <summary>Activations and logits of a step.</summary>
    public required long ScratchBytes { get; init; }

    /// <summary>Stored form of keys and values that the needs are for.</summary>
    public required string KvType { get; init; }

    /// <summary>Needs, by context and then by batch.</summary>
    public required IReadOnlyList<MemoryNeed> Needs { get; init; }
}

/// <summary>A need of memory.</summary>
/// <param name="ContextTokens">Tokens of each sequence.</param>
/// <param name="Batch">Sequences at once.</param>
/// <param name="KvBytes">Their keys and values.</param>
/// <param name="TotalBytes">With weights and scratch.</param>
internal sealed record MemoryNeed(int ContextTokens, int Batch, long KvBytes, long TotalBytes);
