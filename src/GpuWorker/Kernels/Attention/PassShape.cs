namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>What <see cref="PassMetadata"/> needs to know of the model and the device.</summary>
internal sealed record PassShape
{
    /// <summary>S: tokens of a KV block.</summary>
    public required int BlockTokens { get; init; }

    /// <summary>Query heads that share a KV head.</summary>
    public required int QueriesPerKvHead { get; init; }

    /// <summary>The different attention windows of the shard's layers; 0 stands for none.</summary>
    public required IReadOnlyList<int> Windows { get; init; }

    /// <summary>Partial results, one for each row and split, that <see cref="AttentionOp"/> has room for.</summary>
    public required int Partials { get; init; }

    /// <summary>Queries that one group serves together: <see cref="AttentionOp.QueriesTogether"/>.</summary>
    public required int QueriesTogether { get; init; }

    /// <summary>Rows whose keys one group reads together, as far as they lie at the same places.</summary>
    public int RowsTogether => Math.Max(1, QueriesTogether / QueriesPerKvHead);
}
